//! What people are told while the demo runs: what happens and why on lines of their own, and below them, on a terminal, the
//! release as it is now with what the users see.

use super::load::Notes;
use super::plan::RATE;
use crate::client::Client;
use crate::command::release::{Viewer, erase};
use crate::failure::Failure;
use crate::out::Out;
use crate::render::block::block;
use crate::render::change::News;
use crate::render::line::{Line, Style};
use crate::render::number::thousands;
use server::dto::Release;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The story so far.
#[derive(Debug)]
pub(crate) struct Story {
    out: Out,
    began: Instant,
    screen: Mutex<Screen>,
}

#[derive(Debug, Default)]
struct Screen {
    drawn: usize,
    news: News,
    people: Option<Notes>,
}

impl Story {
    /// A story that begins now.
    #[must_use]
    pub(crate) fn new(out: Out) -> Self {
        Self { out, began: Instant::now(), screen: Mutex::default() }
    }

    /// From now on there are users.
    pub(crate) fn people(&self, notes: Notes) {
        self.screen().people = Some(notes);
    }

    /// Tells what happens.
    ///
    /// # Errors
    /// Nobody reads.
    pub(crate) fn say(&self, what: &str) -> Result<(), Failure> {
        self.tell(&self.out.paint().bold(what))
    }

    /// Tells something beside the point.
    ///
    /// # Errors
    /// Nobody reads.
    pub(crate) fn aside(&self, what: &str) -> Result<(), Failure> {
        self.tell(&self.out.paint().dim(what))
    }

    fn tell(&self, what: &str) -> Result<(), Failure> {
        if self.out.json() {
            return Ok(());
        }
        let mut screen = self.screen();
        let text = format!("{}{} {what}\n", erase(screen.drawn), self.time());
        screen.drawn = 0;
        self.out.text(&text)
    }

    /// Shows the release as it is now.
    fn show(&self, release: &Release) -> Result<(), Failure> {
        if self.out.json() {
            return Ok(());
        }
        if self.out.terminal() {
            return self.draw(release);
        }
        let lines = self.screen().news.of(release);
        lines.iter().try_for_each(|line| self.tell(&format!("  {line}")))
    }

    fn draw(&self, release: &Release) -> Result<(), Failure> {
        let (width, height) = self.out.size();
        let mut screen = self.screen();
        let mut lines = vec![Line::new()];
        lines.extend(block(release, width));
        if let Some(people) = &screen.people {
            let tally = people.tally();
            let style = if tally.failed() == 0 { Style::Good } else { Style::Warn };
            let seen = format!("    users  {} requests at {RATE}/s, ", thousands(tally.requests));
            lines.push(Line::new());
            lines.push(Line::new().plain(seen).with(style, format!("{} failed", thousands(tally.failed()))));
        }
        lines.truncate(height.saturating_sub(1));
        let text: String = lines.iter().map(|line| line.paint(self.out.paint(), width) + "\n").collect();
        let erase = erase(screen.drawn);
        // At its end a release is left standing.
        screen.drawn = if release.over { 0 } else { lines.len() };
        self.out.text(&(erase + &text))
    }

    /// Since the beginning, as `12.3 s`.
    fn time(&self) -> String {
        self.out.paint().dim(&format!("{:>6.1} s ", self.began.elapsed().as_secs_f64()))
    }

    fn screen(&self) -> MutexGuard<'_, Screen> {
        // Whatever was drawn, counting its lines is all there is to a screen.
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The story as a viewer of one release, which also tells `beside` how it goes on.
pub(crate) struct Telling<'a, F> {
    /// The story.
    pub(crate) story: &'a Story,
    /// Whoever waits for a moment of the release.
    pub(crate) beside: F,
}

impl<F: FnMut(&Release)> Viewer for Telling<'_, F> {
    fn show(&mut self, release: &Release) -> Result<(), Failure> {
        (self.beside)(release);
        self.story.show(release)
    }

    fn away(&mut self, _client: &Client) -> Result<(), Failure> {
        Ok(())
    }
}
