//! The bound on uploads at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sportello_domain::OrganisationId;
use sportello_http::Problem;

/// Most uploads at once.
const UPLOADS: usize = 64;
/// Most uploads of one organisation at once.
const UPLOADS_OF_ONE: usize = 4;
/// When to come back, in seconds.
const RETRY_AFTER: u32 = 10;

/// The places of all uploads that are going on. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Places(Arc<Mutex<HashMap<OrganisationId, usize>>>);

/// The place of one upload; free again when it is dropped.
pub(crate) struct Place {
    places: Places,
    organisation: OrganisationId,
}

impl Places {
    /// Takes a place for an upload of `organisation`.
    ///
    /// # Errors
    /// Too many uploads of it or of all are going on.
    pub(super) fn take(&self, organisation: &OrganisationId) -> Result<Place, Problem> {
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
        Ok(Place {
            places: self.clone(),
            organisation: organisation.clone(),
        })
    }

    fn taken(&self) -> std::sync::MutexGuard<'_, HashMap<OrganisationId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
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
        let places = Places::default();
        let organisation = |index: usize| OrganisationId::parse(&format!("caf-{index}")).unwrap();
        let mut held: Vec<Place> = (0..UPLOADS)
            .map(|index| places.take(&organisation(index / UPLOADS_OF_ONE)).unwrap())
            .collect();
        assert!(matches!(
            places.take(&organisation(UPLOADS)),
            Err(Problem::Unavailable { .. })
        ));
        held.pop();
        assert!(matches!(
            places.take(&organisation(0)),
            Err(Problem::TooManyRequests { .. })
        ));
        assert!(places.take(&organisation(UPLOADS)).is_ok());
        held.clear();
        assert!(places.taken().is_empty());
    }
}
