//! The book of tokens, kept fresh by following the journal, and the only writer of their stream.

use super::book::{Bearer, Book};
use super::event::{Event, STREAM};
use super::refused::{check, crowded, no_such, shut, unreadable};
use super::secret;
use crate::code::Code;
use crate::dto::{IssueToken, IssuedToken, Scope, Token};
use crate::failure::Failure;
use control::Control;
use journal::{AppendError, Draft, Journal, UnavailableKind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How long to wait before a journal that does not answer is asked again.
const AGAIN: Duration = Duration::from_millis(500);
/// How much is read at once.
const PAGE: usize = 256;
/// How often an append is tried when others write tokens at the same time.
const TRIES: usize = 16;

/// The tokens.
pub(crate) struct Registry {
    journal: Arc<dyn Journal>,
    book: Mutex<Book>,
    standing: watch::Sender<Standing>,
}

/// A token that is not in the journal yet.
pub(crate) struct Unwritten {
    seq: u64,
    number: u64,
    event: Event,
    /// What its holder will show.
    pub(crate) secret: String,
}

/// Whether tokens can be checked. Sent anew with every change of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    Reading,
    Ready,
    Unreadable(Failure),
}

impl Registry {
    pub(crate) fn new(journal: Arc<dyn Journal>) -> Self {
        Self { journal, book: Mutex::default(), standing: watch::Sender::new(Standing::Reading) }
    }

    /// Follows the journal for ever. What cannot be understood shuts everybody out: it might be a revocation.
    pub(crate) async fn follow(self: Arc<Self>) {
        let position = loop {
            match self.catch_up().await {
                Ok(position) => break position,
                Err(failure) => {
                    self.standing.send_replace(Standing::Unreadable(failure));
                    tokio::time::sleep(AGAIN).await;
                }
            }
        };
        self.standing.send_replace(Standing::Ready);
        let mut tail = self.journal.tail(position);
        loop {
            match tail.next().await {
                Ok(entry) if entry.stream == STREAM => {
                    let taken = self.book().take(&entry);
                    let standing =
                        taken.map_or_else(|why| Standing::Unreadable(unreadable(&why)), |()| Standing::Ready);
                    let lost = standing != Standing::Ready;
                    self.standing.send_replace(standing);
                    if lost {
                        return;
                    }
                }
                Ok(_) => {}
                Err(error) if error.kind == UnavailableKind::Closed => return,
                Err(error) => {
                    tracing::warn!(code = error.code(), %error, "the journal cannot be followed; trying again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    async fn catch_up(&self) -> Result<u64, Failure> {
        // The head first: what is appended during the read is read twice, and not missed.
        let head = self.journal.head().await?;
        self.refresh().await?;
        Ok(head.position)
    }

    /// Reads what was written since.
    pub(crate) async fn refresh(&self) -> Result<(), Failure> {
        loop {
            let after = self.book().seq;
            let entries = self.journal.read_stream(STREAM, after, PAGE).await?;
            let mut book = self.book();
            entries.iter().try_for_each(|entry| book.take(entry)).map_err(|why| unreadable(&why))?;
            if entries.len() < PAGE {
                return Ok(());
            }
        }
    }

    /// Whose secret this is.
    pub(crate) fn bearer(&self, secret: &str, now_ms: i64) -> Result<Bearer, Failure> {
        match &*self.standing.borrow() {
            Standing::Ready => {}
            Standing::Reading => {
                return Err(Failure::of(Code::TokensUnread, "the server has just started", "try again in a second"));
            }
            Standing::Unreadable(failure) => return Err(failure.clone()),
        }
        self.book().bearer(secret, now_ms).map_err(shut)
    }

    /// Waits until this token is not good any more.
    pub(crate) async fn shut_out(&self, number: u64, now_ms: impl Fn() -> i64) {
        let mut changes = self.standing.subscribe();
        loop {
            let good_for = self.book().good_for(number, now_ms());
            let Some(ms) = good_for else { return };
            // Looked at again now and then, since the time of day may be set.
            let pause = Duration::from_millis(u64::try_from(ms).unwrap_or(0).clamp(1, 60_000));
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// A key that opens the events of a channel until `ends_at_ms`, as long as this token is good. It is made from the hash of the
    /// token's secret: it survives a restart, and opens nothing else.
    pub(crate) fn stream_key(&self, bearer: &Bearer, channel: &str, ends_at_ms: i64) -> String {
        let book = self.book();
        let seal = book.good(bearer.number, i64::MIN).map(|(_, hash)| seal(hash, bearer.number, channel, ends_at_ms));
        format!("{}.{ends_at_ms}.{}.{channel}", bearer.number, seal.unwrap_or_default())
    }

    /// Whose key this is, and to which channel.
    pub(crate) fn opens_stream(&self, key: &str, now_ms: i64) -> Option<(Bearer, String)> {
        let mut parts = key.splitn(4, '.');
        let number = parts.next()?.parse().ok()?;
        let ends_at_ms = parts.next()?.parse().ok().filter(|end| *end > now_ms)?;
        let (shown, channel) = (secret::unhex(parts.next()?)?, parts.next()?);
        let book = self.book();
        let (bearer, hash) = book.good(number, now_ms)?;
        let right = secret::unhex(&seal(hash, number, channel, ends_at_ms))?;
        secret::same(&shown, &right).then(|| (bearer, channel.to_string()))
    }

    pub(crate) fn has_admin(&self, now_ms: i64) -> bool {
        self.book().has_admin(None, now_ms)
    }

    pub(crate) fn list(&self, now_ms: i64) -> Vec<Token> {
        self.book().list(now_ms)
    }

    /// Issues a token; the only time that its secret is seen.
    pub(crate) async fn issue(&self, control: &Control, actor: &str, ask: IssueToken) -> Result<IssuedToken, Failure> {
        let now_ms = control.now().0;
        check(&ask, now_ms)?;
        for _ in 0..TRIES {
            let unwritten = self.prepare(&ask)?;
            if self.write(control, actor, &unwritten).await? {
                let Unwritten { number, secret, .. } = unwritten;
                return Ok(IssuedToken { token: self.show(number, now_ms)?, secret });
            }
        }
        Err(crowded())
    }

    /// A token that opens nothing yet: its secret can be put where it is needed before the token is good.
    pub(crate) fn prepare(&self, ask: &IssueToken) -> Result<Unwritten, Failure> {
        let (seq, number) = {
            let book = self.book();
            (book.seq, book.next_number())
        };
        let secret = secret::generate(number)
            .map_err(|error| Failure::defect("the operating system gives no random numbers", &error))?;
        let event = Event::TokenIssued {
            id: number,
            name: ask.name.clone(),
            scopes: ask.scopes.clone(),
            flags: ask.flags.clone(),
            hash: secret::hex(&secret::hash(&secret)),
            expires_at_ms: ask.expires_at_ms,
        };
        Ok(Unwritten { seq, number, event, secret })
    }

    /// Makes a token good. `false`: somebody else wrote a token first, and this one is to be prepared anew.
    pub(crate) async fn write(&self, control: &Control, actor: &str, token: &Unwritten) -> Result<bool, Failure> {
        self.append(control, actor, token.seq, &token.event).await
    }

    /// Revokes a token. One that was revoked before stays as it is.
    pub(crate) async fn revoke(&self, control: &Control, actor: &str, id: &str) -> Result<Token, Failure> {
        let now_ms = control.now().0;
        let number = id.strip_prefix('t').and_then(|digits| digits.parse().ok()).ok_or_else(|| no_such(id))?;
        for _ in 0..TRIES {
            let (seq, good, admins_left) = {
                let book = self.book();
                (book.seq, book.good_for(number, now_ms).is_some(), book.has_admin(Some(number), now_ms))
            };
            let token = self.book().show(number, now_ms).ok_or_else(|| no_such(id))?;
            if token.revoked_at_ms.is_some() {
                return Ok(token);
            }
            if good && token.scopes.contains(&Scope::Admin) && !admins_left {
                return Err(Failure::of(
                    Code::LastAdmin,
                    format!("{} is the only admin token that is good; without it nobody could issue another", token.id),
                    "issue another admin token first, and revoke this one with it",
                ));
            }
            if self.append(control, actor, seq, &Event::TokenRevoked { id: number }).await? {
                return self.show(number, now_ms);
            }
        }
        Err(crowded())
    }

    /// Writes an event after entry `seq`. `false`: somebody else wrote there first, and the book was read anew.
    async fn append(&self, control: &Control, actor: &str, seq: u64, event: &Event) -> Result<bool, Failure> {
        let body = serde_json::to_string(event).map_err(|e| Failure::defect("a token cannot be written", &e))?;
        let draft = Draft { kind: event.kind().to_string(), at_ms: control.now().0, actor: actor.to_string(), body };
        match self.journal.append(STREAM, seq, control.fence()?, vec![draft]).await {
            Ok(entries) => {
                let mut book = self.book();
                entries.iter().try_for_each(|entry| book.take(entry)).map_err(|why| unreadable(&why))?;
                drop(book);
                // Wakes the streams of a token that was revoked.
                self.standing.send_modify(|_| {});
                Ok(true)
            }
            Err(AppendError::Conflict { .. }) => {
                self.refresh().await?;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A token that was issued, without its secret.
    pub(crate) fn show(&self, number: u64, now_ms: i64) -> Result<Token, Failure> {
        self.book()
            .show(number, now_ms)
            .ok_or_else(|| Failure::defect("a token that was written is not there", &number))
    }

    /// A panic elsewhere must not take the tokens with it; entries are taken whole or not at all.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What cannot be made without the token's hash: two rounds, so that nothing can be added to what was sealed.
fn seal(hash: &secret::Hash, number: u64, channel: &str, ends_at_ms: i64) -> String {
    let key = secret::hex(hash);
    let inner = secret::hash(&format!("{key} events {number} {ends_at_ms} {channel}"));
    secret::hex(&secret::hash(&format!("{key} {}", secret::hex(&inner))))
}
