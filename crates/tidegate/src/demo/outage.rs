//! What all versions depend on, switched off for a while in the middle of the second phase.

use super::fault::Fault;
use super::place::Place;
use super::plan::Plan;
use super::story::Story;
use server::dto::{Release, Stage};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How many intervals it lasts: long enough for the trigger to see five bad ones in a row.
const INTERVALS: u32 = 14;

/// An outage that is planned, under way or over.
#[derive(Debug)]
pub(crate) struct Outage {
    switch: PathBuf,
    length: Duration,
    story: Arc<Story>,
    planned: bool,
}

impl Outage {
    /// Plans one, if the fault is one of the dependency.
    #[must_use]
    pub(crate) fn plan(fault: Fault, plan: &Plan, place: &Place, story: &Arc<Story>) -> Self {
        Self {
            switch: place.outage(),
            length: Duration::from_millis(plan.interval().0) * INTERVALS,
            story: Arc::clone(story),
            planned: fault == Fault::Dependency,
        }
    }

    /// Begins it when its moment has come.
    pub(crate) fn notice(&mut self, release: &Release) {
        let in_second_phase = release.stage == Stage::Ramping && release.phase_index == Some(1);
        let a_third_over = release.clock.is_some_and(|clock| clock.soak_ms * 3 >= clock.soak_for_ms);
        if !(self.planned && in_second_phase && a_third_over) {
            return;
        }
        self.planned = false;
        if fs::write(&self.switch, "").is_err() {
            // The release then completes without an outage, which the check of the demo finds.
            return;
        }
        let _nobody_reads = self.story.say("What both versions depend on fails for a while.");
        let (switch, length, story) = (self.switch.clone(), self.length, Arc::clone(&self.story));
        tokio::spawn(async move {
            tokio::time::sleep(length).await;
            // It ends with the demo's folder at the latest.
            let _gone_already = fs::remove_file(&switch);
            let _nobody_reads = story.say("It works again.");
        });
    }
}
