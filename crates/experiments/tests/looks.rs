//! How often an experiment is told something wrong when it is looked at again and again, against what is promised. Seeded: the
//! same worlds every time. Every world is looked at some seventy times, from its tenth user on.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage must fail")]

use experiments::conversion::{Converted, Dealt};
use experiments::ratio::{self, Came};
use experiments::{Interval, Moments, WRONG, mean};

/// On each side of an interval.
const SIDE: f64 = WRONG / 2.0;
/// Users of each world.
const USERS: usize = 20_000;

/// xorshift64*.
struct Chance(u64);

impl Chance {
    fn of(world: u64) -> Self {
        let mut chance = Self(0x7469_6465 ^ world.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        (0..8).for_each(|_| {
            let _ = chance.next();
        });
        chance
    }

    fn next(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn is(&mut self, probability: f64) -> bool {
        self.next() < probability
    }

    /// Exponential with mean 1.
    fn wait(&mut self) -> f64 {
        -(1.0 - self.next()).ln()
    }
}

/// The numbers of users at which a world is looked at.
fn looks() -> Vec<usize> {
    let steps = std::iter::successors(Some(10), |n| Some(n + (n / 10).max(5)));
    steps.take_while(|n| *n <= USERS).chain([USERS]).collect()
}

/// In what part of so many worlds something happened.
fn part(worlds: u64, mut happens: impl FnMut(Chance) -> bool) -> f64 {
    (0..worlds).filter(|world| happens(Chance::of(*world))).count() as f64 / worlds as f64
}

/// A split and what its users do.
struct Deal {
    theta: f64,
    /// Probability to convert, of the n-th user, with the control and with the variant.
    rates: fn(usize) -> (f64, f64),
    /// After how many further users a conversion is told of, on average.
    delay: f64,
    /// How often each user is counted, all again after the last one.
    times: usize,
}

impl Deal {
    /// Whether an interval ever lacks the true difference.
    fn ever_wrong(&self, chance: &mut Chance, truth: f64) -> bool {
        let mut dealt = Dealt {
            control: Converted { users: 0, converted: 0 },
            variant: Converted { users: 0, converted: 0 },
            theta: self.theta,
        };
        let looks = looks();
        let each = USERS / self.times;
        let mut users = Vec::with_capacity(each);
        let mut late = vec![[0_u64; 2]; USERS + 1];
        for n in 0..USERS {
            let (variant, converts) = match users.get(n % each) {
                Some(user) => *user,
                None => {
                    let variant = chance.is(self.theta);
                    let (old, new) = (self.rates)(n);
                    users.push((variant, chance.is(if variant { new } else { old })));
                    users[n]
                }
            };
            if converts {
                let told = n + (self.delay * chance.wait()) as usize;
                if told < USERS {
                    late[told][usize::from(variant)] += 1;
                }
            }
            let arm = if variant { &mut dealt.variant } else { &mut dealt.control };
            arm.users += 1;
            dealt.control.converted += late[n][0];
            dealt.variant.converted += late[n][1];
            if looks.binary_search(&(n + 1)).is_ok() {
                let stretches = u32::try_from(1 + n / each).unwrap();
                if lacks(dealt.difference(SIDE, stretches), truth) {
                    return true;
                }
            }
        }
        false
    }
}

fn lacks(found: Interval, truth: f64) -> bool {
    truth < found.low || truth > found.high
}

/// See where it is used: a share, what each arm draws, a level.
type Case = (f64, fn(usize) -> (f64, f64), f64);

#[test]
fn the_difference_of_rates_is_in_its_bounds_at_every_look() {
    let cases: [Case; 5] = [
        (0.5, |_| (0.1, 0.1), 0.0),
        (0.5, |_| (0.1, 0.13), 0.03),
        (0.2, |_| (0.5, 0.45), -0.05),
        (0.1, |_| (0.02, 0.02), 0.0),
        (0.9, |_| (0.8, 0.9), 0.1),
    ];
    for (theta, rates, truth) in cases {
        let deal = Deal { theta, rates, delay: 0.0, times: 1 };
        let wrong = part(400, |mut chance| deal.ever_wrong(&mut chance, truth));
        println!("theta {theta} truth {truth}: ever wrong in {:.1} %", wrong * 100.0);
        assert!(wrong <= WRONG, "{theta} {truth}: {wrong}");
    }
}

/// Without an effect nothing is called different, whatever users do over the day and however late they do it.
#[test]
fn no_effect_is_called_one_more_often_than_promised() {
    let tide: fn(usize) -> (f64, f64) = |n| {
        let rate = 0.05 + 0.25 * ((n / 500) % 3) as f64;
        (rate, rate)
    };
    for (theta, delay) in [(0.5, 0.0), (0.5, 2_000.0), (0.1, 500.0)] {
        let deal = Deal { theta, rates: tide, delay, times: 1 };
        let wrong = part(400, |mut chance| deal.ever_wrong(&mut chance, 0.0));
        println!("tide, theta {theta} delay {delay}: ever wrong in {:.1} %", wrong * 100.0);
        assert!(wrong <= WRONG, "{theta} {delay}: {wrong}");
    }
}

/// The server forgets its users once and three times, and every one of them comes back and does the same again.
#[test]
fn users_counted_again_deceive_nobody() {
    for times in [2, 4] {
        let deal = Deal { theta: 0.5, rates: |_| (0.2, 0.2), delay: 0.0, times };
        let wrong = part(400, |mut chance| deal.ever_wrong(&mut chance, 0.0));
        println!("counted {times} times: ever wrong in {:.1} %", wrong * 100.0);
        assert!(wrong <= WRONG, "{times}: {wrong}");
    }
}

/// Bounds that are never wrong because they say nothing would pass all of the above.
#[test]
fn an_effect_is_found() {
    let found = part(200, |mut chance| {
        let mut of = [Converted { users: 0, converted: 0 }; 2];
        for _ in 0..USERS {
            let variant = chance.is(0.5);
            let arm = &mut of[usize::from(variant)];
            arm.users += 1;
            arm.converted += u64::from(chance.is(if variant { 0.13 } else { 0.1 }));
        }
        Dealt { control: of[0], variant: of[1], theta: 0.5 }.difference(SIDE, 1).low > 0.0
    });
    println!("+3 points of 10 % with 20,000 users: found in {:.1} %", found * 100.0);
    assert!(found >= 0.95, "{found}");
}

#[test]
fn the_difference_of_means_is_in_its_bounds_at_every_look() {
    // A sum of twelve is as good as normal here; spending is nothing for most, and skewed for the others.
    let normal: fn(&mut Chance) -> f64 = |chance| (0..12).map(|_| chance.next()).sum::<f64>() - 6.0;
    let spending: fn(&mut Chance) -> f64 = |chance| {
        if chance.is(0.1) { 20.0 * (0.8 * ((0..12).map(|_| chance.next()).sum::<f64>() - 6.0)).exp() } else { 0.0 }
    };
    for (name, value, theta) in [("normal", normal, 0.5), ("spending", spending, 0.5), ("spending", spending, 0.2)] {
        let wrong = part(400, |mut chance| {
            let mut of = [Moments::default(); 2];
            for n in 1..=USERS {
                let variant = chance.is(theta);
                let value = value(&mut chance) + if variant { 0.25 } else { 0.0 };
                let arm = &mut of[usize::from(variant)];
                arm.users += 1;
                arm.sum += value;
                arm.sum_squares += value * value;
                let found = n.is_multiple_of(100).then(|| mean::difference(&of[0], &of[1], SIDE, 1)).flatten();
                if found.is_some_and(|found| lacks(found, 0.25)) {
                    return true;
                }
            }
            false
        });
        println!("means, {name}, theta {theta}: ever wrong in {:.1} %", wrong * 100.0);
        assert!(wrong <= WRONG, "{name} {theta}: {wrong}");
    }
}

/// In what part of the worlds the check ever cries, where users come with other probabilities than promised.
fn ever_broken(worlds: u64, promised: &[f64], came: &[f64]) -> f64 {
    let looks = looks();
    part(worlds, |mut chance| {
        let mut all: Vec<Came> = promised.iter().map(|weight| Came { weight: *weight, users: 0 }).collect();
        (1..=USERS).any(|n| {
            let mut left = chance.next() * came.iter().sum::<f64>();
            let at = came
                .iter()
                .position(|one| {
                    left -= one;
                    left < 0.0
                })
                .unwrap_or(0);
            all[at].users += 1;
            looks.binary_search(&n).is_ok() && ratio::is_broken(&all, 1)
        })
    })
}

#[test]
fn a_kept_split_is_hardly_ever_called_broken_and_a_broken_one_is() {
    for promised in [&[1.0, 1.0][..], &[90.0, 10.0], &[50.0, 30.0, 20.0]] {
        let wrong = ever_broken(2_000, promised, promised);
        println!("{promised:?}: called broken in {:.2} %", wrong * 100.0);
        assert!(wrong <= ratio::LEVEL, "{promised:?}: {wrong}");
    }
    let found = ever_broken(200, &[1.0, 1.0], &[52.5, 47.5]);
    println!("52.5 for 50: found in {:.1} %", found * 100.0);
    assert!(found >= 0.95, "{found}");
}
