//! What a Prometheus server answers, read with bounds.

use super::failure::{garbled, too_large};
use super::native::{self, NativeHistogram};
use control::ports::PortResult;
use engine::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;

/// More series than this are a selector that matches too much.
const MOST_SERIES: usize = 20_000;
/// What is shown of a server's own words.
const MOST_WORDS: usize = 300;

/// One series with its samples, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// With the metric's name as `__name__`, where there is one.
    pub labels: BTreeMap<String, String>,
    /// Numbers, as they are: a `NaN` is for whoever asked to refuse.
    pub samples: Vec<(Timestamp, f64)>,
    /// Native histograms.
    pub histograms: Vec<(Timestamp, NativeHistogram)>,
}

/// What was asked for.
pub(super) enum Result {
    Series(Vec<Series>),
    /// One number that is a time.
    Scalar(Timestamp),
}

/// Reads an answer with status 200.
pub(super) fn read(url: &str, body: &[u8]) -> PortResult<Result> {
    let envelope: Envelope = serde_json::from_slice(body).map_err(|error| garbled(url, &error.to_string()))?;
    let data = match (envelope.status.as_str(), envelope.data) {
        ("success", Some(data)) => data,
        (status, _) => return Err(garbled(url, &format!("status 200 and `{}`", cut(status)))),
    };
    let series = match data {
        Data::Scalar((_, value)) => return scalar(&value).map(Result::Scalar).map_err(|why| garbled(url, &why)),
        Data::String(_) => return Err(garbled(url, "a text, where series were asked for")),
        Data::Vector(all) => all.into_iter().map(Instant::series).collect::<std::result::Result<Vec<_>, _>>(),
        Data::Matrix(all) => all.into_iter().map(Ranged::series).collect(),
    };
    let series = series.map_err(|why| garbled(url, &why))?;
    if series.len() > MOST_SERIES {
        return Err(too_large(url, &format!("{} series, at most {MOST_SERIES} are read", series.len())));
    }
    Ok(Result::Series(series))
}

/// Why a question was refused, in the server's words if it has any.
pub(super) fn reason(body: &[u8]) -> String {
    let words = serde_json::from_slice(body).ok().and_then(|envelope: Envelope| envelope.error);
    cut(&words.unwrap_or_else(|| String::from_utf8_lossy(body.get(..MOST_WORDS).unwrap_or(body)).into_owned()))
}

fn cut(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MOST_WORDS).collect()
}

#[derive(Deserialize)]
struct Envelope {
    status: String,
    data: Option<Data>,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Vector(Vec<Instant>),
    Matrix(Vec<Ranged>),
    Scalar((f64, String)),
    String(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Instant {
    metric: BTreeMap<String, String>,
    value: Option<(f64, String)>,
    histogram: Option<(f64, native::Written)>,
}

#[derive(Deserialize)]
struct Ranged {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
    #[serde(default)]
    histograms: Vec<(f64, native::Written)>,
}

impl Instant {
    fn series(self) -> std::result::Result<Series, String> {
        let Self { metric, value, histogram } = self;
        Ranged { metric, values: value.into_iter().collect(), histograms: histogram.into_iter().collect() }.series()
    }
}

impl Ranged {
    fn series(self) -> std::result::Result<Series, String> {
        let samples = self.values.iter().map(|(at, value)| Ok((moment(*at)?, number(value)?)));
        let samples = samples.collect::<std::result::Result<Vec<_>, String>>()?;
        let histograms = self.histograms.into_iter().map(|(at, written)| Ok((moment(at)?, written.read()?)));
        let histograms = histograms.collect::<std::result::Result<Vec<_>, String>>()?;
        if !(samples.is_sorted_by_key(|sample| sample.0) && histograms.is_sorted_by_key(|sample| sample.0)) {
            return Err("samples that are not in the order of time".to_owned());
        }
        Ok(Series { labels: self.metric, samples, histograms })
    }
}

fn scalar(value: &str) -> std::result::Result<Timestamp, String> {
    moment(number(value)?)
}

/// Seconds since 1970 as milliseconds.
fn moment(seconds: f64) -> std::result::Result<Timestamp, String> {
    let ms = (seconds * 1_000.0).round();
    // From 1970 to the year 5138.
    if (0.0..1e14).contains(&ms) {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 1e14")]
        return Ok(Timestamp(ms as i64));
    }
    Err(format!("{seconds} is no time"))
}

/// A number as Prometheus writes it: `NaN` and `+Inf` are numbers here.
pub(super) fn number(text: &str) -> std::result::Result<f64, String> {
    text.parse().map_err(|_| format!("`{}` is no number", cut(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(body: &str) -> &'static str {
        read("http://p/", body.as_bytes()).err().unwrap().code
    }

    fn matrix(result: &str) -> String {
        format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{result}]}}}}"#)
    }

    #[test]
    fn series_are_read_as_they_are() {
        let text = matrix(r#"{"metric":{"__name__":"up","v":"1"},"values":[[1.5,"2"],[2.5004,"NaN"],[3,"+Inf"]]}"#);
        let Ok(Result::Series(series)) = read("http://p/", text.as_bytes()) else { panic!() };
        assert_eq!(series[0].labels["v"], "1");
        let at: Vec<i64> = series[0].samples.iter().map(|sample| sample.0.0).collect();
        assert_eq!(at, [1_500, 2_500, 3_000]);
        assert!(series[0].samples[1].1.is_nan() && series[0].samples[2].1.is_infinite());
    }

    #[test]
    fn hostile_answers_are_not_understood() {
        for body in [
            "",
            "<html>",
            "[]",
            "null",
            r#"{"status":"success"}"#,
            r#"{"status":"error","data":{"resultType":"matrix","result":[]}}"#,
            r#"{"status":"success","data":{"resultType":"streams","result":[]}}"#,
            r#"{"status":"success","data":{"resultType":"string","result":[1,"x"]}}"#,
            r#"{"status":"success","data":{"resultType":"scalar","result":[1,"NaN"]}}"#,
            r#"{"status":"success","data":{"resultType":"scalar","result":[1,"1e300"]}}"#,
            r#"{"status":"success","data":{"resultType":"vector","result":{}}}"#,
            &matrix(r#"{"metric":{},"values":[[1,2]]}"#),
            &matrix(r#"{"metric":{},"values":[[1,"one"]]}"#),
            &matrix(r#"{"metric":{},"values":[[-1,"1"]]}"#),
            &matrix(r#"{"metric":{},"values":[[2,"1"],[1,"1"]]}"#),
            &matrix(r#"{"metric":{"a":5},"values":[]}"#),
            &matrix(r#"{"values":[]}"#),
            &"[".repeat(100_000),
        ] {
            assert_eq!(code(body), "TG-5054", "{}", cut(body));
        }
    }

    #[test]
    fn too_many_series_are_too_many() {
        let series = vec![r#"{"metric":{},"values":[]}"#; MOST_SERIES + 1].join(",");
        assert_eq!(code(&matrix(&series)), "TG-5055");
    }

    #[test]
    fn the_servers_words_are_told_in_short() {
        assert_eq!(reason(br#"{"status":"error","errorType":"bad_data","error":"parse\nerror"}"#), "parse error");
        assert_eq!(reason("x".repeat(5_000).as_bytes()).len(), MOST_WORDS);
    }
}
