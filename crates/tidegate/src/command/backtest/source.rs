//! Where a recording comes from. Reading ends with one value, whatever the source; everything after it is the same.

use super::plans::Planned;
use super::prometheus::{self, Question};
use super::{Args, store, text, told};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use backtest::{Counted, Recording, read_csv};
use std::path::PathBuf;

/// A recording and its name.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) recording: Recording,
    pub(super) name: String,
    /// What people must know of it.
    pub(super) notes: Vec<String>,
}

/// What was asked for.
#[derive(Debug)]
pub(super) enum Source {
    Csv(PathBuf, Counted),
    Prometheus(Box<Question>),
    Store(PathBuf, Between),
}

/// A stretch of time that may be open at both ends.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Between {
    pub(super) from_ms: Option<i64>,
    pub(super) to_ms: Option<i64>,
}

impl Source {
    pub(super) fn of(args: &Args, plans: &[Planned]) -> Result<Source, Failure> {
        let between = Between { from_ms: args.from, to_ms: args.to };
        if let (Some(from), Some(to)) = (args.from, args.to)
            && to <= from
        {
            return Err(Failure::new(Exit::Usage, "TG-7060", "--to is not after --from").hint("exchange them"));
        }
        match (&args.csv, &args.prometheus, &args.data) {
            (Some(path), _, _) => {
                let counted = if args.totals { Counted::RunningTotals } else { Counted::Increments };
                Ok(Source::Csv(path.clone(), counted))
            }
            (_, Some(url), _) => Question::of(args, url, between, plans).map(|all| Source::Prometheus(Box::new(all))),
            (_, _, Some(data)) => Ok(Source::Store(data.clone(), between)),
            // The command line asks for one of them.
            (None, None, None) => Err(Failure::new(Exit::Usage, "TG-7060", "no recording is named")
                .hint("name one with --csv, --prometheus or --data")),
        }
    }

    pub(super) async fn read(&self, service: &str, out: &Out) -> Result<Named, Failure> {
        match self {
            Source::Csv(path, counted) => {
                let name = path.display().to_string();
                let recording = read_csv(&text(path)?, &name, *counted).map_err(told)?;
                Ok(Named { recording, name, notes: Vec::new() })
            }
            Source::Prometheus(question) => prometheus::read(question, out).await,
            Source::Store(data, between) => store::read(data, *between, service).await,
        }
    }
}
