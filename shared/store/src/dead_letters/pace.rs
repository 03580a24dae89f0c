//! How many letters a job may send: one, then ten, then its rate.

/// Letters that a job sends before any other; it waits until a worker has settled it.
const CANARY: i64 = 1;
/// Letters that it sends after that; it waits until workers have settled them.
const FIRST: i64 = CANARY + 10;

/// Results of a job's letters so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Results {
    pub(super) waiting: i64,
    pub(super) sent: i64,
    pub(super) settled: i64,
    pub(super) returned: i64,
}

/// What a job does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Sends at most so many letters at once.
    Send(i64),
    /// Sends at its rate.
    SendAtRate,
    /// Waits until workers have settled what was sent.
    Wait,
    /// Stops: one of the first letters came back.
    Stop,
    /// Every letter has a result.
    End,
}

impl Results {
    pub(super) fn next(self) -> Next {
        let left = self.sent + self.settled + self.returned;
        if self.returned > 0 && left <= FIRST && self.waiting > 0 {
            return Next::Stop;
        }
        if self.waiting == 0 {
            return if self.sent == 0 { Next::End } else { Next::Wait };
        }
        match left {
            0 => Next::Send(CANARY),
            CANARY.. if self.sent > 0 && left <= CANARY => Next::Wait,
            CANARY..FIRST => Next::Send(FIRST - left),
            _ if self.sent > 0 && left <= FIRST => Next::Wait,
            _ => Next::SendAtRate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(waiting: i64, sent: i64, settled: i64, returned: i64) -> Next {
        let results = Results {
            waiting,
            sent,
            settled,
            returned,
        };
        results.next()
    }

    #[test]
    fn one_goes_first_then_ten_then_all_at_the_rate() {
        assert_eq!(next(100, 0, 0, 0), Next::Send(1));
        assert_eq!(next(99, 1, 0, 0), Next::Wait);
        assert_eq!(next(99, 0, 1, 0), Next::Send(10));
        // a crash between two sends of the ten
        assert_eq!(next(95, 4, 1, 0), Next::Send(6));
        assert_eq!(next(89, 10, 1, 0), Next::Wait);
        assert_eq!(next(89, 1, 10, 0), Next::Wait);
        assert_eq!(next(89, 0, 11, 0), Next::SendAtRate);
        assert_eq!(next(50, 39, 11, 0), Next::SendAtRate);
    }

    #[test]
    fn one_of_the_first_that_returns_stops_the_job() {
        assert_eq!(next(99, 0, 0, 1), Next::Stop);
        assert_eq!(next(89, 5, 5, 1), Next::Stop);
        // later ones do not
        assert_eq!(next(50, 20, 20, 10), Next::SendAtRate);
    }

    #[test]
    fn a_job_ends_when_every_letter_has_a_result() {
        assert_eq!(next(0, 0, 0, 0), Next::End);
        assert_eq!(next(0, 1, 0, 0), Next::Wait);
        assert_eq!(next(0, 0, 1, 0), Next::End);
        assert_eq!(next(0, 0, 0, 1), Next::End);
        assert_eq!(next(0, 0, 20, 3), Next::End);
    }
}
