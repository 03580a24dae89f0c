//! The bound on uploads at once.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use sportello_domain::OrganisationId;
use sportello_http::Problem;

/// Most uploads at once.
const UPLOADS: usize = 64;
/// Most uploads of one organisation at once.
const UPLOADS_OF_ONE: usize = 4;
/// Seconds until a retry.
const RETRY_AFTER: u32 = 10;

/// The slots of all uploads in progress. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct UploadSlots(Arc<Mutex<HashMap<OrganisationId, usize>>>);

/// The slot of one upload; free again when it is dropped.
pub(crate) struct UploadSlot {
    slots: UploadSlots,
    organisation: OrganisationId,
}

impl UploadSlots {
    /// Takes a slot for an upload of `organisation`.
    ///
    /// # Errors
    /// Too many uploads of the organisation, or of all, are in progress.
    pub(super) fn take(&self, organisation: &OrganisationId) -> Result<UploadSlot, Problem> {
        let mut taken = self.taken();
        if taken.values().sum::<usize>() >= UPLOADS {
            return Err(Problem::Unavailable {
                retry_after: RETRY_AFTER,
            });
        }
        let of_this = taken.entry(organisation.clone()).or_default();
        if *of_this >= UPLOADS_OF_ONE {
            return Err(Problem::TooManyRequests {
                retry_after: RETRY_AFTER,
            });
        }
        *of_this += 1;
        Ok(UploadSlot {
            slots: self.clone(),
            organisation: organisation.clone(),
        })
    }

    fn taken(&self) -> parking_lot::MutexGuard<'_, HashMap<OrganisationId, usize>> {
        self.0.lock()
    }
}

impl Drop for UploadSlot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken();
        if let Some(of_this) = taken.get_mut(&self.organisation) {
            *of_this -= 1;
            if *of_this == 0 {
                taken.remove(&self.organisation);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_for_one_organisation_and_for_all_and_come_back() {
        let slots = UploadSlots::default();
        let organisation = |index: usize| OrganisationId::parse(&format!("caf-{index}")).unwrap();
        let mut held: Vec<UploadSlot> = (0..UPLOADS)
            .map(|index| slots.take(&organisation(index / UPLOADS_OF_ONE)).unwrap())
            .collect();
        assert!(matches!(
            slots.take(&organisation(UPLOADS)),
            Err(Problem::Unavailable { .. })
        ));
        held.pop();
        assert!(matches!(
            slots.take(&organisation(0)),
            Err(Problem::TooManyRequests { .. })
        ));
        assert!(slots.take(&organisation(UPLOADS)).is_ok());
        held.clear();
        assert!(slots.taken().is_empty());
    }
}
