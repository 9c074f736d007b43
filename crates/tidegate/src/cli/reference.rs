//! The page `docs/reference/cli.md`, read off the definition of the command line itself.

use clap::{Arg, Command};
use std::fmt::Write as _;

/// The reference of every command, as Markdown.
#[must_use]
pub(crate) fn markdown(mut root: Command) -> String {
    root.build();
    let mut page = String::from("# Command line\n\nGenerated from the program; do not edit. ");
    page.push_str("How a command ends is told in [exit-codes.md](exit-codes.md).\n");
    let _infallible = writeln!(page, "\n## Options of every command\n");
    for arg in root.get_arguments().filter(|arg| arg.is_global_set()) {
        page.push_str(&option(arg));
    }
    for command in root.get_subcommands() {
        describe(&mut page, command, "tidegate");
    }
    page
}

fn describe(page: &mut String, command: &Command, parent: &str) {
    if command.is_hide_set() {
        return;
    }
    let name = format!("{parent} {}", command.get_name());
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let _infallible = writeln!(page, "\n## `{name}`\n\n{}", sentence(&about));
    let own = |arg: &&Arg| !arg.is_global_set() && !arg.is_hide_set() && arg.get_id() != "help";
    let positionals: Vec<_> = command.get_positionals().filter(own).collect();
    let options: Vec<_> = command.get_arguments().filter(|arg| !arg.is_positional()).filter(own).collect();
    if command.get_subcommands().next().is_none() {
        let mut usage = name.clone();
        for arg in &positionals {
            let value = arg.get_id().as_str().to_uppercase();
            let _infallible =
                if arg.is_required_set() { write!(usage, " {value}") } else { write!(usage, " [{value}]") };
        }
        if !options.is_empty() {
            usage.push_str(" [options]");
        }
        let _infallible = writeln!(page, "\n```sh\n{usage}\n```");
    }
    if !positionals.is_empty() || !options.is_empty() {
        page.push('\n');
    }
    for arg in positionals.into_iter().chain(options) {
        page.push_str(&option(arg));
    }
    for subcommand in command.get_subcommands() {
        describe(page, subcommand, &name);
    }
}

fn option(arg: &Arg) -> String {
    let names: Vec<_> = arg.get_value_names().into_iter().flatten().map(|name| format!("<{name}>")).collect();
    let value = if arg.get_action().takes_values() { names.join(" ") } else { String::new() };
    let name = match arg.get_long() {
        Some(long) if value.is_empty() => format!("--{long}"),
        Some(long) => format!("--{long} {value}"),
        None => arg.get_id().as_str().to_uppercase(),
    };
    let mut line = format!("- `{name}`: {}", sentence(&arg.get_help().map(ToString::to_string).unwrap_or_default()));
    let choices: Vec<_> = arg.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if !choices.is_empty() && arg.get_action().takes_values() {
        let _infallible = write!(line, " One of {}.", choices.join(", "));
    }
    let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if !defaults.is_empty() && arg.get_action().takes_values() {
        let _infallible = write!(line, " Default: `{}`.", defaults.join(" "));
    }
    if let Some(variable) = arg.get_env() {
        let _infallible = write!(line, " Environment: `{}`.", variable.to_string_lossy());
    }
    line.push('\n');
    line
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '!', '?', ':']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::fs;
    use std::path::Path;

    /// The page is what the program says; TIDEGATE_BLESS=1 writes it anew.
    fn assert_fresh(page: &str, text: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(page);
        if std::env::var_os("TIDEGATE_BLESS").is_some() {
            fs::write(&path, text).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == text, "{page} is stale; run this test with TIDEGATE_BLESS=1");
    }

    #[test]
    fn the_reference_of_commands_is_fresh() {
        assert_fresh("cli.md", &markdown(crate::cli::Cli::command()));
    }

    #[test]
    fn the_reference_of_exit_codes_is_fresh() {
        assert_fresh("exit-codes.md", &crate::exit::reference());
    }

    #[test]
    fn the_command_line_contradicts_nowhere_itself() {
        crate::cli::Cli::command().debug_assert();
    }
}
