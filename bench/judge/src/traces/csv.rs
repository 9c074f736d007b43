//! The two files: requests, and windows in which something was wrong. The first line names the columns.

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it began, in milliseconds since the Unix epoch.
    pub time_ms: i64,
    /// Who served it: a pod, or a service as its callers see it. Only like is compared with like.
    pub pod: String,
    /// How long it took.
    pub duration_us: u64,
    /// Whether it succeeded.
    pub ok: bool,
}

/// A stretch of time in which a pod was unwell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// What was wrong.
    pub name: String,
    /// Start, in milliseconds since the Unix epoch.
    pub from_ms: i64,
    /// End.
    pub to_ms: i64,
    /// Who was unwell.
    pub pod: String,
}

/// Reads `time_ms,pod,duration_us,ok`; `ok` is 1 or 0.
///
/// # Errors
/// Names the line that cannot be read.
pub fn requests(text: &str) -> Result<Vec<Request>, String> {
    rows(text, ["time_ms", "pod", "duration_us", "ok"], |[time_ms, pod, duration_us, ok]| {
        let ok = match ok {
            "1" => true,
            "0" => false,
            _ => return None,
        };
        Some(Request {
            time_ms: time_ms.parse().ok()?,
            pod: pod.to_string(),
            duration_us: duration_us.parse().ok()?,
            ok,
        })
    })
}

/// Reads `name,from_ms,to_ms,pod`.
///
/// # Errors
/// Names the line that cannot be read.
pub fn windows(text: &str) -> Result<Vec<Window>, String> {
    rows(text, ["name", "from_ms", "to_ms", "pod"], |[name, from_ms, to_ms, pod]| {
        let (from_ms, to_ms) = (from_ms.parse().ok()?, to_ms.parse().ok()?);
        (from_ms < to_ms).then(|| Window { name: name.to_string(), from_ms, to_ms, pod: pod.to_string() })
    })
}

fn rows<T, const N: usize>(
    text: &str,
    columns: [&str; N],
    read: impl Fn([&str; N]) -> Option<T>,
) -> Result<Vec<T>, String> {
    let mut lines = text.lines();
    let wanted = columns.join(",");
    if lines.next().map(str::trim) != Some(wanted.as_str()) {
        return Err(format!("line 1 must be {wanted}"));
    }
    let mut found = Vec::new();
    for (number, line) in lines.enumerate().filter(|entry| !entry.1.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let row = <[&str; N]>::try_from(cells).ok().and_then(&read);
        found.push(row.ok_or(format!("line {}: {line:?} is not {wanted}", number + 2))?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_or_named() {
        let read = requests("time_ms,pod,duration_us,ok\n5,a,70,1\n\n6,b,80,0\n").unwrap();
        assert_eq!(read[1], Request { time_ms: 6, pod: "b".to_string(), duration_us: 80, ok: false });
        assert_eq!(requests("time,pod\n").unwrap_err(), "line 1 must be time_ms,pod,duration_us,ok");
        assert!(requests("time_ms,pod,duration_us,ok\n5,a,70,yes\n").unwrap_err().starts_with("line 2: "));
        assert!(windows("name,from_ms,to_ms,pod\nslow,9,5,a\n").is_err());
    }
}
