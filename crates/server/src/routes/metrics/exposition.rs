//! The text format of Prometheus, as far as it is used here.

use std::fmt::Write as _;

/// What a family measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only goes up.
    Counter,
}

/// Families and their samples, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Exposition {
    text: String,
    family: &'static str,
}

impl Exposition {
    /// Begins a family; what follows belongs to it.
    pub(super) fn family(&mut self, name: &'static str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        self.family = name;
        // Here and below: writing into a string cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    pub(super) fn whole(&mut self, labels: &[(&str, &str)], value: u64) {
        self.labelled(labels);
        let _ = writeln!(self.text, " {value}");
    }

    pub(super) fn real(&mut self, labels: &[(&str, &str)], value: f64) {
        self.labelled(labels);
        let _ = writeln!(self.text, " {value}");
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn labelled(&mut self, labels: &[(&str, &str)]) {
        self.text.push_str(self.family);
        for (i, (name, value)) in labels.iter().enumerate() {
            let opening = if i == 0 { '{' } else { ',' };
            let _ = write!(self.text, "{opening}{name}=\"{}\"", escaped(value));
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cannot_break_out() {
        let mut out = Exposition::default();
        out.family("f", Kind::Gauge, "Help.");
        out.whole(&[("a", "1\"} 2\nf{b=\"\\")], 3);
        assert_eq!(out.into_text(), "# HELP f Help.\n# TYPE f gauge\nf{a=\"1\\\"} 2\\nf{b=\\\"\\\\\"} 3\n");
    }
}
