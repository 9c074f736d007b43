//! The world behind control's ports. Everything answers at once and well, but for the one canary that is made ill.

use crate::counts::Counts;
use crate::service;
use control::ports::{
    BoxFuture, Clock, Connect, Counted, Hooks, Installed, Lever, Order, PortError, PortResult, Prober, Reading, Seen,
    Signal, Site, Target, Turn,
};
use engine::{Gap, Share, TakenBack, Timestamp};
use policy::Wiring;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Instant, SystemTime};

/// All services.
pub(crate) struct World {
    services: Vec<Arc<Service>>,
}

/// One service behind a gate that closes an interval every five seconds.
pub(crate) struct Service {
    number: usize,
    counts: Arc<Counts>,
    /// When the first interval under the share in force began, in milliseconds; 0 while nobody is on the canary.
    began_ms: AtomicI64,
    share_ppm: AtomicU32,
    /// From here on half of the canary's requests fail, in milliseconds.
    ill_from_ms: AtomicI64,
    /// When the lever was told to take everybody back, in microseconds.
    taken_back_us: AtomicI64,
}

const NEVER: i64 = i64::MAX;

impl World {
    pub(crate) fn of(services: usize) -> Self {
        let counts = Arc::new(Counts::draw());
        let service = |number| {
            Arc::new(Service {
                number,
                counts: Arc::clone(&counts),
                began_ms: AtomicI64::new(0),
                share_ppm: AtomicU32::new(0),
                ill_from_ms: AtomicI64::new(NEVER),
                taken_back_us: AtomicI64::new(NEVER),
            })
        };
        Self { services: (0..services).map(service).collect() }
    }

    /// One service.
    pub(crate) fn service(&self, number: usize) -> Option<&Arc<Service>> {
        self.services.get(number)
    }
}

impl Service {
    /// How many intervals ended within a span of time.
    pub(crate) fn due(&self, (from_us, to_us): (i64, i64)) -> u64 {
        self.ended_by(to_us / 1_000).saturating_sub(self.ended_by(from_us / 1_000))
    }

    /// From now on half of the canary's requests fail.
    pub(crate) fn fall_ill(&self) -> i64 {
        let now_us = now_us();
        self.ill_from_ms.store(now_us / 1_000, Ordering::Relaxed);
        now_us
    }

    /// When the lever was told to take everybody back.
    pub(crate) fn taken_back_us(&self) -> Option<i64> {
        Some(self.taken_back_us.load(Ordering::Relaxed)).filter(|at| *at != NEVER)
    }

    /// A gate closes its intervals by its own clock, not when control happens to look.
    fn phase_ms(&self) -> i64 {
        let golden = (self.number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        i64::try_from(golden).unwrap_or(0) % INTERVAL_MS
    }

    fn ended_by(&self, now_ms: i64) -> u64 {
        match self.began_ms.load(Ordering::Relaxed) {
            0 => 0,
            began => u64::try_from((now_ms - began) / INTERVAL_MS).unwrap_or(0),
        }
    }

    fn interval(&self, number: u64) -> Counted {
        let began = self.began_ms.load(Ordering::Relaxed);
        let to = began + i64::try_from(number).unwrap_or(0) * INTERVAL_MS;
        let from = to - INTERVAL_MS;
        let ill = from >= self.ill_from_ms.load(Ordering::Relaxed);
        let (stable, canary) = self.counts.deal(self.number, number, ill);
        Counted {
            cursor: number.to_string(),
            from: Timestamp(from),
            to: Timestamp(to),
            share: Some(self.share()),
            stable,
            canary,
            exits: Vec::new(),
        }
    }

    fn share(&self) -> Share {
        Share::from_ppm(self.share_ppm.load(Ordering::Relaxed)).unwrap_or(Share::NONE)
    }
}

const INTERVAL_MS: i64 = crate::INTERVAL.as_millis() as i64;

impl Lever for Service {
    fn shift<'a>(&'a self, _: &'a Order, share: Share) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            if share == Share::NONE {
                self.taken_back_us.store(now_us(), Ordering::Relaxed);
            } else {
                self.began_ms.store(now_us() / 1_000 + self.phase_ms(), Ordering::Relaxed);
            }
            self.share_ppm.store(share.ppm(), Ordering::Relaxed);
            Ok(())
        })
    }

    fn observe<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<Share>> {
        Box::pin(async { Ok(self.share()) })
    }

    fn taken_back<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<Option<TakenBack>>> {
        Box::pin(async { Ok(None) })
    }
}

impl Target for Service {
    fn deploy<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }

    fn promote<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }

    fn withdraw<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }
}

impl Signal for Service {
    fn read<'a>(&'a self, _: &'a Order, cursor: &'a str) -> BoxFuture<'a, Reading> {
        Box::pin(async move {
            let ended = self.ended_by(now_us() / 1_000);
            let seen: u64 = cursor.parse().unwrap_or(0);
            match (self.began_ms.load(Ordering::Relaxed), ended) {
                (0, _) => Reading::None(Gap::NoData),
                (_, ended) if ended <= seen => Reading::NotYet,
                (_, ended) => Reading::Counts((seen + 1..=ended).map(|number| self.interval(number)).collect()),
            }
        })
    }
}

impl Prober for Service {
    fn probe<'a>(&'a self, _: &'a Order) -> BoxFuture<'a, Option<Seen>> {
        Box::pin(async { Some(Seen { canary: Ok(()), stable: Some(Ok(())) }) })
    }
}

impl Hooks for Service {
    fn run<'a>(&'a self, _: &'a Order, _: &'a str, _: Share) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}

impl Connect for World {
    fn connect(&self, wiring: &Wiring) -> PortResult<Site> {
        let known = service::number(&wiring.service).and_then(|number| self.services.get(number));
        let service = known.ok_or_else(|| PortError {
            code: "FLEET",
            message: format!("no service {}", wiring.service),
            hint: "this is a fault of the measurement".into(),
            retry: false,
        })?;
        let port = || Arc::clone(service);
        Ok(Site { lever: port(), target: port(), signal: port(), prober: port(), hooks: port() })
    }

    fn settle<'a>(&'a self, _: &'a Wiring, _: &'a Installed, _: Turn) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async { Ok(()) })
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp(now_us() / 1_000)
    }
}

/// Now, in microseconds since 1970. Only its beginning is the system's time of day: nothing here may see a clock step.
pub(crate) fn now_us() -> i64 {
    static BEGAN: LazyLock<(Instant, i64)> = LazyLock::new(|| {
        let day = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        (Instant::now(), i64::try_from(day.as_micros()).unwrap_or(0))
    });
    BEGAN.1 + i64::try_from(BEGAN.0.elapsed().as_micros()).unwrap_or(0)
}
