//! Following a release to its end: drawn again and again on a terminal, a line a change in a log, a JSON value a change for
//! programs. A server that goes away comes back; the release goes on meanwhile, and so does whoever follows it.

use super::{path, resolve};
use crate::client::{Client, problem_of};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::http::Events;
use crate::out::Out;
use crate::render::block::block;
use crate::render::change::News;
use crate::render::time::moment;
use server::dto::Release;
use std::time::{Duration, Instant};

/// For how long a server that went away is waited for.
const PATIENCE: Duration = Duration::from_secs(300);
/// The pauses between two tries.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(100), Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(2)];

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The release, e.g. r17, or `latest`
    id: String,
    /// Stop following when a person is needed; the exit code is then 4
    #[arg(long)]
    until_waiting: bool,
}

/// When to stop following, besides the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Follow {
    /// As soon as a person is needed.
    pub(crate) until_waiting: bool,
}

pub(crate) async fn run(args: &Args, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let id = resolve(client, &args.id).await?;
    follow(client, &id, Follow { until_waiting: args.until_waiting }, out).await
}

/// Follows a release, shows it, and answers how it ended.
///
/// # Errors
/// There is no such release, or the server stayed away.
pub(crate) async fn follow(client: &Client, id: &str, until: Follow, out: &Out) -> Result<Exit, Failure> {
    let mut view = View { out: *out, drawn: 0, news: News::default() };
    let release = last_of(client, id, until, &mut view).await?;
    Ok(Exit::of_stage(release.stage))
}

/// Whoever is told how a release goes on.
pub(crate) trait Viewer {
    /// It changed.
    ///
    /// # Errors
    /// Ends the following.
    fn show(&mut self, release: &Release) -> Result<(), Failure>;
    /// The server went away; it will be asked again.
    ///
    /// # Errors
    /// Ends the following.
    fn away(&mut self, client: &Client) -> Result<(), Failure>;
}

/// Follows a release until there is nothing more to wait for, and answers what it was then.
///
/// # Errors
/// There is no such release, or the server stayed away.
pub(crate) async fn last_of(
    client: &Client,
    id: &str,
    until: Follow,
    viewer: &mut impl Viewer,
) -> Result<Release, Failure> {
    let live = format!("{}/live", path(id));
    let mut events = client.events(&live).await?;
    loop {
        if let Some(release) = until_end(&mut events, until, viewer).await? {
            return Ok(release);
        }
        viewer.away(client)?;
        events = again(client, &live).await?;
    }
}

/// Shows what comes until there is nothing more to wait for; `None` when the stream broke off before.
async fn until_end(events: &mut Events, until: Follow, viewer: &mut impl Viewer) -> Result<Option<Release>, Failure> {
    while let Ok(Some(event)) = events.next().await {
        // The server's last word: asking again would bring the same.
        if let Some(failure) = problem_of(&event) {
            return Err(failure);
        }
        // Events of other kinds may be added by later servers.
        let Ok(release) = serde_json::from_str::<Release>(&event.data) else { continue };
        viewer.show(&release)?;
        // The end is one when it is written: until then a crash could take it back, and the exit code with it.
        let ended = release.over && release.unwritten == 0;
        if ended || (until.until_waiting && release.waits_for_person) {
            return Ok(Some(release));
        }
    }
    Ok(None)
}

/// Asks for the stream until the server is back. A refusal is an answer, and ends it.
async fn again(client: &Client, live: &str) -> Result<Events, Failure> {
    let since = Instant::now();
    let mut pauses = PAUSES.into_iter();
    let mut pause = PAUSES[0];
    loop {
        tokio::time::sleep(pause).await;
        pause = pauses.next().unwrap_or(pause);
        match client.events(live).await {
            Ok(events) => return Ok(events),
            // A server that is just starting does not know all releases yet.
            Err(failure) if since.elapsed() < PATIENCE && passes(&failure) => {}
            Err(failure) => return Err(failure),
        }
    }
}

/// Whether waiting may help: the server is away, or not ready yet.
fn passes(failure: &Failure) -> bool {
    match failure {
        Failure::Told(told) => matches!(told.exit, Exit::Unreachable | Exit::Failed) || told.code == "TG-2105",
        Failure::Policy(_) | Failure::NobodyReads => false,
    }
}

struct View {
    out: Out,
    /// How many lines of a terminal hold what was drawn last.
    drawn: usize,
    news: News,
}

impl Viewer for View {
    fn show(&mut self, release: &Release) -> Result<(), Failure> {
        if self.out.json() {
            return self.out.value(release);
        }
        if self.out.terminal() {
            return self.draw(release);
        }
        let lines = self.news.of(release);
        let Some((first, rest)) = lines.split_first() else { return Ok(()) };
        self.out.line(&format!("{} {first}", moment(release.last_at_ms)))?;
        rest.iter().try_for_each(|line| self.out.line(line))
    }

    fn away(&mut self, client: &Client) -> Result<(), Failure> {
        if self.out.json() {
            return Ok(());
        }
        let text = format!("{} went away; waiting for it, the release is not touched", client.url());
        if self.out.terminal() {
            self.drawn += 1;
            return self.out.line(&self.out.paint().yellow(&text));
        }
        self.news.forget();
        self.out.line(&text)
    }
}

impl View {
    fn draw(&mut self, release: &Release) -> Result<(), Failure> {
        let (width, height) = self.out.size();
        let mut lines = block(release, width);
        // Lines that scrolled away cannot be drawn again.
        lines.truncate(height.saturating_sub(1));
        let text: String = lines.iter().map(|line| line.paint(self.out.paint(), width) + "\n").collect();
        let erase = erase(self.drawn);
        self.drawn = lines.len();
        self.out.text(&(erase + &text))
    }
}

/// What takes back the last `lines` lines of a terminal.
#[must_use]
pub(crate) fn erase(lines: usize) -> String {
    if lines == 0 { String::new() } else { format!("\u{1b}[{lines}A\u{1b}[0J") }
}
