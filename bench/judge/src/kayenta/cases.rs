//! The cases that Kayenta publishes, held against what was rebuilt here. They are literals in its own Scala tests and belong to
//! it, so they are read from a checkout that the reader has, and none of them is in this repository.

mod classifier;
mod numbers;
mod scala;
mod scorer;

use std::fs;
use std::path::Path;

/// One test of Kayenta's.
#[derive(Clone, Debug)]
pub struct Case {
    /// The suite that it is in.
    pub suite: &'static str,
    /// Its name there.
    pub name: String,
    /// What ours says to it.
    pub agreement: Agreement,
}

/// Whether a test of Kayenta's would be green with what was rebuilt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// All that it asserts holds.
    Agrees,
    /// Something does not.
    Differs(String),
    /// It is about a part that was not rebuilt.
    LeftOut(String),
}

/// A suite and how to hold a test of it against ours.
struct Suite {
    name: &'static str,
    path: &'static str,
    hold: fn(&scala::Test<'_>) -> Agreement,
}

const SUITES: [Suite; 4] = [
    Suite {
        name: "ClassifierSuite",
        path: "kayenta-judge/src/test/scala/com/netflix/kayenta/judge/ClassifierSuite.scala",
        hold: classifier::hold,
    },
    Suite {
        name: "ScorerSuite",
        path: "kayenta-judge/src/test/scala/com/netflix/kayenta/judge/ScorerSuite.scala",
        hold: scorer::hold,
    },
    Suite {
        name: "StatisticSuite",
        path: "kayenta-judge/src/test/scala/com/netflix/kayenta/judge/StatisticSuite.scala",
        hold: numbers::hold_effect,
    },
    Suite {
        name: "MannWhitneySuite",
        path: "kayenta-mannwhitney/src/test/scala/com/netflix/kayenta/mannwhitney/MannWhitneySuite.scala",
        hold: numbers::hold_test,
    },
];

/// All cases of a checkout of `spinnaker/kayenta`.
///
/// # Errors
/// Names the suite that is not there, or in which no test was found.
pub fn read(checkout: &Path) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for suite in SUITES {
        let path = checkout.join(suite.path);
        let text = fs::read_to_string(&path).map_err(|problem| format!("{}: {problem}", path.display()))?;
        let tests = scala::tests(&text);
        if tests.is_empty() {
            return Err(format!("{}: no test found", path.display()));
        }
        cases.extend(tests.iter().map(|test| Case {
            suite: suite.name,
            name: test.name.to_string(),
            agreement: (suite.hold)(test),
        }));
    }
    Ok(cases)
}

/// What several assertions come to.
fn together(found: impl IntoIterator<Item = Agreement>) -> Agreement {
    let mut any = false;
    for one in found {
        match one {
            Agreement::Agrees => any = true,
            Agreement::Differs(_) | Agreement::LeftOut(_) => return one,
        }
    }
    if any { Agreement::Agrees } else { Agreement::LeftOut("asserts nothing that was understood".to_string()) }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, theirs: T, ours: T) -> Agreement {
    if theirs == ours {
        return Agreement::Agrees;
    }
    Agreement::Differs(format!("{what}: Kayenta says {theirs:?}, ours {ours:?}"))
}

fn expect_near(what: &str, theirs: f64, ours: f64, tolerance: f64) -> Agreement {
    if (theirs - ours).abs() <= tolerance {
        return Agreement::Agrees;
    }
    Agreement::Differs(format!("{what}: Kayenta says {theirs}, ours {ours}"))
}
