//! Lost requests of both arms against each other, by E1 with a margin.
//!
//! What is lost for certain lags behind what was lost, and catches up later. A bet that begins in between would win by
//! what others had lost before it. So there are only a few bets in time, each with books of its own, and a new one begins
//! every minute: within its books, what was told as lost is at no time more than what was lost since it began. The oldest
//! books are not closed first but the poorest, and what they still hold is bet anew.

use alloc::vec::Vec;

use super::backlog::{Due, Owed, Recent, Work};
use super::scatter::{Prior, Scales, Stretch};
use crate::capital::Capital;
use crate::e1::{Pair, Tilt};
use crate::exact::{Blank, state};
use crate::grid::{HARM_LOST, PASS_LOST};
use crate::interval::Contrast;

/// The canary may lose this part of its requests more than stable before it is harm.
pub(crate) const LARGEST_LOSS: f64 = 0.1;

/// Books that are open at the same time.
const MOST_BOOKS: usize = 6;
/// A loss that begins in between waits for the next ones.
const NEW_BOOKS_MS: i64 = 60_000;

/// Lost requests are rare, and so independent until seen otherwise.
const PRIOR: Prior = Prior { weight: 10.0, factor: 1.0 };

/// The arms' work in one block.
#[derive(Clone, Copy)]
pub(super) struct Works {
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
    pub(super) canary: Work,
    pub(super) stable: Work,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lost {
    canary: Recent,
    stable: Recent,
    books: Vec<Book>,
    /// Since counting began, for people and for the pass test.
    whole: Both,
    /// Lost for certain, for the lower bound, and unanswered, for the upper one.
    pub(super) certain: Contrast<4, 2>,
    pub(super) feared: Contrast<4, 2>,
    /// How stable's lost requests cluster.
    clusters: Scales<Losses>,
}

state!(Lost { canary, stable, books, whole, certain, feared, clusters } sound |read| read.books.len() <= MOST_BOOKS);

#[derive(Clone, Debug, PartialEq)]
struct Book {
    since_ms: i64,
    capital: Capital<4>,
    owed: Both,
}

state!(Book { since_ms, capital, owed });

impl Blank for Book {
    fn blank() -> Book {
        Book { since_ms: 0, capital: Capital::none(), owed: Both::default() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Both {
    canary: Owed,
    stable: Owed,
}

state!(Both { canary, stable });

impl Lost {
    pub(super) fn nothing_seen() -> Lost {
        Lost {
            canary: Recent::default(),
            stable: Recent::default(),
            books: Vec::new(),
            whole: Both::default(),
            certain: Contrast::new(),
            feared: Contrast::new(),
            clusters: Scales::assumed(PRIOR),
        }
    }

    /// What was begun before a gap may have been answered in it.
    pub(super) fn interrupt(&mut self) {
        (self.canary, self.stable) = (Recent::default(), Recent::default());
        self.whole = Both::default();
        self.books.iter_mut().for_each(|book| book.owed = Both::default());
        self.clusters.interrupt();
    }

    /// Bets on a block with what is in `cash`, when its turn has come, and returns what the pass bets won.
    pub(super) fn take(&mut self, works: &Works, cash: &mut f64) -> [f64; 2] {
        self.open_books(works.from_ms, cash);
        let due =
            [self.canary.take(works.to_ms, works.canary.begun), self.stable.take(works.to_ms, works.stable.begun)];
        let phi = self.clusters.phi();
        for book in &mut self.books {
            book.owed.take(works);
            let pair = book.owed.certain(&due, book.since_ms);
            if let Some(rho) = pair.ratio() {
                let tilts = Tilt::each(&HARM_LOST, rho);
                book.capital.settle(tilts.map(|tilt| tilt.log_e(&pair, LARGEST_LOSS) / phi));
            }
        }
        let more_unanswered = self.whole.take(works);
        let certain = self.whole.certain(&due, i64::MIN);
        if let Some(rho) = certain.ratio() {
            self.certain.add(&certain, &Tilt::each(&HARM_LOST, rho), &Tilt::each(&PASS_LOST, rho), phi);
        }
        self.clusters.take(Losses { due: certain.stable, lost: certain.stable_bad });
        self.fear(works, more_unanswered, certain.stable_bad, phi)
    }

    /// All that is unanswered taken for lost, for that a pass must not rest on patience.
    fn fear(&mut self, works: &Works, canary_bad: f64, stable_bad: f64, phi: f64) -> [f64; 2] {
        let (canary, stable) = (works.canary.begun as f64, works.stable.begun as f64);
        let pair = Pair { canary, canary_bad, stable, stable_bad };
        let Some(rho) = pair.ratio() else {
            return [0.0; 2];
        };
        let smaller = Tilt::each(&PASS_LOST, rho);
        self.feared.add(&pair, &Tilt::each(&HARM_LOST, rho), &smaller, phi);
        smaller.map(|tilt| tilt.log_e(&pair, LARGEST_LOSS) / phi)
    }

    fn open_books(&mut self, now_ms: i64, cash: &mut f64) {
        let latest = self.books.iter().map(|book| book.since_ms).max();
        if latest.is_some_and(|latest| now_ms < latest.saturating_add(NEW_BOOKS_MS)) || *cash <= 0.0 {
            return;
        }
        if self.books.len() >= MOST_BOOKS {
            let poorest = |a: &(usize, f64), b: &(usize, f64)| a.1.total_cmp(&b.1);
            let worth = self.books.iter().map(|book| book.capital.total()).enumerate();
            if let Some((at, worth)) = worth.min_by(poorest) {
                self.books.remove(at);
                *cash += worth;
            }
        }
        let mut capital = Capital::none();
        capital.fund(core::mem::take(cash));
        self.books.push(Book { since_ms: now_ms, capital, owed: Both::default() });
    }

    pub(super) fn capital(&self) -> f64 {
        self.books.iter().map(|book| book.capital.total()).sum()
    }

    pub(super) fn phi(&self) -> f64 {
        self.clusters.phi()
    }

    /// Whether anything was due in both arms.
    pub(super) fn is_judged(&self) -> bool {
        self.certain.canary.requests > 0
    }
}

impl Both {
    /// How much more of the canary is unanswered.
    fn take(&mut self, works: &Works) -> f64 {
        self.stable.take(works.stable);
        self.canary.take(works.canary)
    }

    /// What is due and was begun after `since_ms`, and what of all since then is newly known to be lost.
    fn certain(&mut self, due: &[Due; 2], since_ms: i64) -> Pair {
        let [canary, stable] = due.map(|due| if due.begun_by_ms > since_ms { due } else { Due { requests: 0, ..due } });
        Pair {
            canary: canary.requests as f64,
            canary_bad: self.canary.newly_lost(&canary) as f64,
            stable: stable.requests as f64,
            stable_bad: self.stable.newly_lost(&stable) as f64,
        }
    }
}

/// Lost requests of stable in a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Losses {
    due: f64,
    lost: f64,
}

state!(Losses { due, lost });

impl Stretch for Losses {
    fn joined(self, next: Losses) -> Losses {
        Losses { due: self.due + next.due, lost: self.lost + next.lost }
    }

    fn against(self, next: Losses) -> Option<(f64, f64)> {
        let (due, lost) = (self.due + next.due, self.lost + next.lost);
        if self.due <= 0.0 || next.due <= 0.0 || lost <= 0.0 || lost >= due {
            return None;
        }
        let share = self.due / due;
        let residual = self.lost - share * lost;
        Some((residual * residual, lost * share * (1.0 - share) * (1.0 - lost / due)))
    }
}
