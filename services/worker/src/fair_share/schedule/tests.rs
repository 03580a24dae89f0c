use super::*;

const TWO: usize = 2;

/// Channels that ask again as soon as they have ended a turn, as lanes with a backlog do.
struct Lanes {
    schedule: Schedule,
    /// Each with its channel and the size of its batches.
    lanes: Vec<(Ticket, Channel, usize)>,
    done: [usize; 2],
}

impl Lanes {
    fn new(schedule: Schedule) -> Self {
        Self {
            schedule,
            lanes: Vec::new(),
            done: [0, 0],
        }
    }

    fn add(&mut self, lanes: usize, channel: Channel, batch: usize) {
        for _ in 0..lanes {
            let ticket = self.schedule.ask(channel, batch);
            self.lanes.push((ticket, channel, batch));
        }
    }

    /// The lane with the turn that is to end by `choice` ends it and asks again. Tells whose it
    /// was.
    fn step(&mut self, choice: usize) -> Channel {
        let granted: Vec<usize> = (0..self.lanes.len())
            .filter(|&lane| self.schedule.is_granted(self.lanes[lane].0))
            .collect();
        assert_eq!(granted.len(), TWO.min(self.lanes.len()), "a turn is not used");
        let (ticket, channel, batch) = &mut self.lanes[granted[choice % granted.len()]];
        self.done[usize::from(*channel == Channel::Intermediary)] += *batch;
        self.schedule.leave(*ticket);
        *ticket = self.schedule.ask(*channel, *batch);
        *channel
    }

    fn steps(&mut self, steps: usize) -> [usize; 2] {
        self.done = [0, 0];
        // any order in which transactions may end
        let mut choice: usize = 1;
        for _ in 0..steps {
            choice = choice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            self.step(choice >> 33);
        }
        self.done
    }
}

fn lanes(weights: &str) -> Lanes {
    Lanes::new(Schedule::new(TWO, weights.parse().unwrap()))
}

fn assert_about(part: usize, whole: usize, expected: f64) {
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let share = part as f64 / whole as f64;
    assert!((share - expected).abs() < 0.02, "{share} and not {expected}");
}

#[test]
fn while_both_wait_they_share_by_weight_in_applications_whatever_their_batches() {
    for (weights, citizen_batch, expected) in [
        ("4:1", 500, 0.8),
        ("4:1", 30, 0.8),
        ("1:1", 500, 0.5),
        ("1:4", 100, 0.2),
        ("7:3", 64, 0.7),
    ] {
        let mut lanes = lanes(weights);
        lanes.add(3, Channel::Citizen, citizen_batch);
        lanes.add(3, Channel::Intermediary, 500);
        let [citizens, intermediaries] = lanes.steps(20_000);
        assert_about(citizens, citizens + intermediaries, expected);
    }
}

#[test]
fn neither_waits_longer_than_its_weight_says() {
    let mut lanes = lanes("4:1");
    lanes.add(3, Channel::Citizen, 500);
    lanes.add(3, Channel::Intermediary, 500);
    let mut since = 0;
    for step in 0..1_000 {
        since = if lanes.step(step) == Channel::Citizen {
            since + 1
        } else {
            0
        };
        assert!(
            since <= 8,
            "intermediaries have waited for {since} fair_share of citizens"
        );
    }
}

#[test]
fn one_alone_gets_every_turn() {
    for channel in Channel::ALL {
        let mut lanes = lanes("4:1");
        lanes.add(3, channel, 500);
        let done = lanes.steps(100);
        assert_eq!(done.iter().sum::<usize>(), 50_000);
    }
}

#[test]
fn an_idle_channel_has_saved_up_nothing_and_owes_nothing() {
    for (first, second) in [
        (Channel::Citizen, Channel::Intermediary),
        (Channel::Intermediary, Channel::Citizen),
    ] {
        let mut lanes = lanes("4:1");
        lanes.add(3, first, 500);
        lanes.steps(1_000);
        lanes.add(3, second, 500);
        let [citizens, intermediaries] = lanes.steps(200);
        assert_about(citizens, citizens + intermediaries, 0.8);
    }
}

#[test]
fn a_citizen_who_comes_into_a_bulk_load_has_the_next_turn() {
    let mut lanes = lanes("4:1");
    lanes.add(3, Channel::Intermediary, 500);
    lanes.steps(101);
    for _ in 0..50 {
        let citizen = lanes.schedule.ask(Channel::Citizen, 1);
        assert!(!lanes.schedule.is_granted(citizen));
        lanes.step(0);
        assert!(lanes.schedule.is_granted(citizen));
        lanes.schedule.leave(citizen);
        lanes.steps(7);
    }
}

#[test]
fn turns_of_a_channel_come_in_the_order_of_asking() {
    let mut schedule = Schedule::new(1, "4:1".parse().unwrap());
    let tickets: Vec<_> = (0..5).map(|_| schedule.ask(Channel::Citizen, 500)).collect();
    for ticket in tickets {
        assert!(schedule.is_granted(ticket));
        schedule.leave(ticket);
    }
}

#[test]
fn a_lane_that_gives_up_waiting_leaves_nothing_behind() {
    let mut schedule = Schedule::new(1, "4:1".parse().unwrap());
    let running = schedule.ask(Channel::Citizen, 500);
    let given_up = schedule.ask(Channel::Citizen, 1_000_000);
    let waiting = schedule.ask(Channel::Citizen, 500);
    let other = schedule.ask(Channel::Intermediary, 500);
    schedule.leave(given_up);
    schedule.leave(running);
    // the other has paid nothing yet; the abandoned request was not charged
    assert!(schedule.is_granted(other) && !schedule.is_granted(waiting));
    schedule.leave(other);
    assert!(schedule.is_granted(waiting));
    schedule.leave(waiting);
    assert!(schedule.granted.is_empty());
}
