//! The first line: which columns there are. A name that nobody knows is refused, since a misspelled `errors` would be a
//! recording without one.

use super::shown;
use crate::problem::Problem;
use judge::sketch::foreign::Edges;

/// Where what stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Columns {
    pub(super) width: usize,
    pub(super) time: usize,
    pub(super) arm: Option<usize>,
    pub(super) pod: Option<usize>,
    pub(super) requests: usize,
    pub(super) errors: usize,
    /// Column and name, from fast to slow.
    pub(super) slower: Vec<(usize, String)>,
    edges: Option<Edges>,
}

const HINT: &str =
    "begin with a line of names: time, requests, errors; and, if known, arm, pod (or instance), le_0.1 …";

impl Columns {
    pub(super) fn read(text: &str, file: &str) -> Result<Columns, Problem> {
        let wrong = |what: String, why: &str| Problem::new("TG-7051", format!("{file}:1: {what}"), why, HINT);
        let Some(first) = text.lines().next().filter(|line| !line.trim().is_empty()) else {
            return Err(wrong(
                "there is nothing in it".to_owned(),
                "a recording has a line of names and lines of counts",
            ));
        };
        let names: Vec<String> = cells(first).map(str::to_ascii_lowercase).collect();
        let place = |name: &str| names.iter().position(|found| found == name);
        let needed = |name: &str| {
            place(name).ok_or_else(|| wrong(format!("there is no column `{name}`"), "without it nothing can be judged"))
        };
        let (pod, instance) = (place("pod"), place("instance"));
        if pod.is_some() && instance.is_some() {
            return Err(wrong("there are `pod` and `instance`".to_owned(), "one of them tells who is who"));
        }
        let mut slower: Vec<(f64, usize, String)> = Vec::new();
        for (at, name) in names.iter().enumerate() {
            if names.iter().take(at).any(|before| before == name) {
                return Err(wrong(
                    format!("the column {} is there twice", shown(name)),
                    "nobody can say which is meant",
                ));
            }
            match (name.as_str(), edge(name)) {
                ("time" | "arm" | "pod" | "instance" | "requests" | "errors", _) => {}
                (_, Some(seconds)) => slower.push((seconds, at, name.clone())),
                (_, None) => {
                    let why = "no such column is known; a misspelled name would hide what it counts";
                    return Err(wrong(format!("the column {} is not known", shown(name)), why));
                }
            }
        }
        slower.sort_by(|a, b| a.0.total_cmp(&b.0));
        let seconds: Vec<f64> = slower.iter().map(|(seconds, ..)| *seconds).collect();
        let edges = match seconds.is_empty() {
            true => None,
            false => Some(Edges::from_seconds(&seconds).map_err(|why| {
                wrong(format!("the columns {} … are no buckets", shown(&slower[0].2)), &why.to_string())
            })?),
        };
        Ok(Columns {
            width: names.len(),
            time: needed("time")?,
            arm: place("arm"),
            pod: pod.or(instance),
            requests: needed("requests")?,
            errors: needed("errors")?,
            slower: slower.into_iter().map(|(_, at, name)| (at, name)).collect(),
            edges,
        })
    }

    pub(super) fn has_pods(&self) -> bool {
        self.pod.is_some()
    }

    pub(super) fn edges(&self) -> Option<&Edges> {
        self.edges.as_ref()
    }

    pub(super) fn edge_names(&self) -> Vec<&str> {
        self.slower.iter().map(|(_, name)| name.as_str()).collect()
    }
}

/// The cells of a line. Neither counts, nor times, nor names of pods need a comma, so that quotes only surround.
pub(super) fn cells(line: &str) -> impl Iterator<Item = &str> {
    line.trim_start_matches('\u{feff}').split(',').map(|cell| {
        let cell = cell.trim();
        cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell)
    })
}

/// The edge in seconds of `le_0.1`, `le_inf`.
fn edge(name: &str) -> Option<f64> {
    name.strip_prefix("le_")?.parse::<f64>().ok().filter(|seconds| *seconds > 0.0)
}
