//! A table without lines: columns as wide as their widest cell.

use super::line::{Line, Style};
use crate::visible::visible;

/// Rows under a heading.
#[must_use]
pub(crate) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> Vec<Line> {
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(|cell| visible(cell))).collect();
    let mut widths = heading.map(|cell| cell.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |style: Style, cells: [&str; N]| {
        let text: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        Line::new().with(style, text.join("  ").trim_end())
    };
    let mut lines = vec![line(Style::Dim, heading)];
    lines.extend(rows.iter().map(|row| line(Style::Plain, row.each_ref().map(String::as_str))));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::Paint;

    #[test]
    fn columns_are_as_wide_as_needed() {
        let rows = [["r1".into(), "größer".into(), "x".into()], ["r12".into(), "b".into(), String::new()]];
        let lines: Vec<_> = table(["id", "name", ""], &rows).iter().map(|l| l.paint(Paint::new(false), 99)).collect();
        assert_eq!(lines, ["id   name", "r1   größer  x", "r12  b"]);
    }
}
