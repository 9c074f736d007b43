//! As much of Gherkin as the test kit uses: backgrounds, scenarios, outlines with their examples, tags, and tables below steps.

/// A scenario with its values filled in.
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) tags: Vec<String>,
    pub(crate) steps: Vec<Step>,
}

/// A step: its words with `_` for each quoted text, these texts, and the rows of the table below it, without its head.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) words: String,
    pub(crate) quoted: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

#[derive(Clone, Default)]
struct Outline {
    name: String,
    tags: Vec<String>,
    /// Each with the rows of its table.
    steps: Vec<(String, Vec<Vec<String>>)>,
}

enum Part {
    Background,
    Steps,
    /// The tags of these examples, and their head once it was read.
    Examples(Vec<String>, Option<Vec<String>>),
}

/// The scenarios of a feature.
pub(crate) fn read(text: &str) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    let (mut background, mut feature_tags, mut tags) = (Vec::new(), Vec::new(), Vec::new());
    let (mut outline, mut part) = (Outline::default(), Part::Background);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with('@') {
            tags.extend(line.split_whitespace().map(str::to_owned));
        } else if line.starts_with("Feature:") {
            feature_tags = std::mem::take(&mut tags);
        } else if line.starts_with("Background:") {
            part = Part::Background;
        } else if let Some(name) = line.strip_prefix("Scenario Outline:").or_else(|| line.strip_prefix("Scenario:")) {
            finish(&outline, &part, &mut scenarios);
            let own = std::mem::take(&mut tags);
            let tags = feature_tags.iter().cloned().chain(own).collect();
            outline = Outline { name: name.trim().to_owned(), tags, steps: background.clone() };
            part = Part::Steps;
        } else if line.starts_with("Examples:") {
            part = Part::Examples(std::mem::take(&mut tags), None);
        } else if let Some(row) = line.strip_prefix('|') {
            let row: Vec<String> = row.trim_end_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
            match &mut part {
                Part::Examples(_, head @ None) => *head = Some(row),
                Part::Examples(tags, Some(head)) => scenarios.push(fill(&outline, tags, head, &row)),
                Part::Background | Part::Steps => {
                    outline.steps.last_mut().into_iter().for_each(|step| step.1.push(row.clone()))
                }
            }
        } else if let Some((_, words)) = line.split_once(' ').filter(|(first, _)| is_step(first)) {
            match part {
                Part::Background => background.push((words.trim().to_owned(), Vec::new())),
                Part::Steps | Part::Examples(..) => outline.steps.push((words.trim().to_owned(), Vec::new())),
            }
        }
    }
    finish(&outline, &part, &mut scenarios);
    scenarios
}

fn is_step(word: &str) -> bool {
    matches!(word, "Given" | "When" | "Then" | "And" | "But")
}

/// A scenario that is no outline is its only example.
fn finish(outline: &Outline, part: &Part, scenarios: &mut Vec<Scenario>) {
    if matches!(part, Part::Steps) {
        scenarios.push(fill(outline, &[], &[], &[]));
    }
}

fn fill(outline: &Outline, tags: &[String], head: &[String], row: &[String]) -> Scenario {
    let put = |text: &str| {
        head.iter().zip(row).fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
    };
    let steps = outline.steps.iter().map(|(line, rows)| {
        let (words, quoted) = unquote(&put(line));
        let rows = rows.iter().skip(1).map(|row| row.iter().map(|cell| put(cell)).collect()).collect();
        Step { words, quoted, rows }
    });
    let shown = if row.is_empty() { String::new() } else { format!(" ({})", row.join(", ")) };
    Scenario {
        name: put(&outline.name) + &shown,
        tags: outline.tags.iter().chain(tags).cloned().collect(),
        steps: steps.collect(),
    }
}

/// The words without their quoted texts, and these; `\"` is no end of one.
fn unquote(line: &str) -> (String, Vec<String>) {
    let (mut words, mut quoted, mut open) = (String::new(), Vec::new(), None::<String>);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (letter, open.as_mut()) {
            ('\\', Some(text)) => text.extend(letters.next()),
            ('"', Some(_)) => quoted.extend(open.take()),
            ('"', None) => {
                words.push('_');
                open = Some(String::new());
            }
            (letter, Some(text)) => text.push(letter),
            (letter, None) => words.push(letter),
        }
    }
    (words, quoted)
}
