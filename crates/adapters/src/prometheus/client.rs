//! Questions to a Prometheus server. Each is one POST with bounds on time and size; nothing is kept between two of them but
//! how the server is.

use super::answer::{self, Result as Answered, Series};
use super::failure::{garbled, refused, silent, unauthorized};
use super::health::{Health, Watch};
use crate::environment;
use crate::exchange::Answer;
use crate::failure::lasting;
use crate::http::{Form, Url};
use control::ports::PortResult;
use engine::{Millis, Timestamp};
use hyper::header::HeaderValue;
use policy::{BasicAuth, PrometheusAuth};

/// The largest answer that is read, in bytes.
const LARGEST_ANSWER: usize = 32 * 1024 * 1024;

/// A Prometheus server, or what speaks like one.
#[derive(Debug)]
pub struct Prometheus {
    url: Url,
    shown: String,
    auth: Option<PrometheusAuth>,
    timeout: Millis,
    health: Watch,
}

impl Prometheus {
    /// The server at `url`, which stands without `/api/v1`. A question that takes longer than `timeout` has no answer.
    ///
    /// # Errors
    /// `TG-5030`, `TG-5031`: a URL that cannot be asked.
    pub fn new(url: &str, auth: Option<PrometheusAuth>, timeout: Millis) -> PortResult<Self> {
        let url = Url::read(url)?;
        Ok(Self { shown: url.to_string(), url, auth, timeout, health: Watch::new() })
    }

    /// What `promql` is at a moment: of a range selector all samples in the range, of anything else one value each.
    ///
    /// # Errors
    /// `TG-5050` to `TG-5055`: no answer, none in time, not let in, refused, not understood, too large; `TG-5012`: a secret
    /// that is not there.
    pub async fn query(&self, promql: &str, at: Timestamp) -> PortResult<Vec<Series>> {
        let fields = [("query", promql.to_owned()), ("time", seconds(at))];
        self.series("/api/v1/query", &fields).await
    }

    /// What `promql` is from a moment to another, in steps.
    ///
    /// # Errors
    /// As for [`Prometheus::query`].
    pub async fn query_range(
        &self,
        promql: &str,
        from: Timestamp,
        to: Timestamp,
        step: Millis,
    ) -> PortResult<Vec<Series>> {
        let step = seconds(Timestamp(i64::try_from(step.0).unwrap_or(i64::MAX)));
        let fields = [("query", promql.to_owned()), ("start", seconds(from)), ("end", seconds(to)), ("step", step)];
        self.series("/api/v1/query_range", &fields).await
    }

    /// The server's own time: samples are stamped by it, and not by ours.
    ///
    /// # Errors
    /// As for [`Prometheus::query`].
    pub async fn now(&self) -> PortResult<Timestamp> {
        match self.ask("/api/v1/query", &[("query", "time()".to_owned())]).await? {
            Answered::Scalar(at) => Ok(at),
            Answered::Series(_) => Err(garbled(&self.shown, "the time is not one number")),
        }
    }

    /// How it answered the last questions.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.now()
    }

    /// As people know it, without what may be a secret.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    async fn series(&self, path: &str, fields: &[(&str, String)]) -> PortResult<Vec<Series>> {
        match self.ask(path, fields).await? {
            Answered::Series(series) => Ok(series),
            Answered::Scalar(_) => Err(garbled(&self.shown, "one number, where series were asked for")),
        }
    }

    async fn ask(&self, path: &str, fields: &[(&str, String)]) -> PortResult<Answered> {
        let answer = self.answer(path, fields).await;
        self.health.note(&self.shown, answer.as_ref().err());
        answer
    }

    async fn answer(&self, path: &str, fields: &[(&str, String)]) -> PortResult<Answered> {
        let form = Form {
            url: &self.url,
            path,
            fields,
            authorization: self.authorization().await?,
            patience: self.timeout,
            largest_answer: LARGEST_ANSWER,
        };
        let Answer { status, body, .. } =
            form.post().await.map_err(|why| silent(&self.shown, self.timeout, LARGEST_ANSWER, why))?;
        match status.as_u16() {
            200 => answer::read(&self.shown, &body),
            status @ (401 | 403) => Err(unauthorized(&self.shown, status)),
            status => Err(refused(&self.shown, status, &answer::reason(&body))),
        }
    }

    async fn authorization(&self) -> PortResult<Option<HeaderValue>> {
        let text = match &self.auth {
            None => return Ok(None),
            Some(PrometheusAuth::Bearer(token)) => {
                format!("Bearer {}", environment::one("the token for Prometheus", token).await?)
            }
            Some(PrometheusAuth::Basic(BasicAuth { user, password })) => {
                let password = environment::one("the password for Prometheus", password).await?;
                format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))
            }
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| {
            lasting(
                "TG-5012",
                "the secret for Prometheus holds characters that no header can have",
                "look for a line break in the value that `auth` refers to",
            )
        })?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

/// As Prometheus reads moments and durations.
fn seconds(at: Timestamp) -> String {
    format!("{}.{:03}", at.0.div_euclid(1_000), at.0.rem_euclid(1_000))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().enumerate().fold(0_u32, |bits, (i, byte)| bits | u32::from(*byte) << (16 - 8 * i));
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit)) & 63;
            out.push(if digit <= chunk.len() { char::from(DIGITS[value as usize]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, encoded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("me:öß?", "bWU6w7bDnz8=")]
        {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn moments_are_written_to_the_millisecond() {
        assert_eq!(seconds(Timestamp(1_700_000_000_005)), "1700000000.005");
        assert_eq!(seconds(Timestamp(-1)), "-1.999");
    }
}
