//! One line for people and one word for programs, at every point of a life.

use crate::plan::{opened, plan};
use crate::story::Teller;
use expect_test::expect;
use std::fmt::Write as _;

#[test]
fn every_stage_has_a_word_and_a_line() {
    let mut teller = Teller::new(opened(plan()));
    let mut told = String::new();
    let story = "0 tick|1 deployed|1 confirmed 10|10 good|11 pause: lunch|12 resume|20 silent|60 tick|70 good\
                 |71 advance|71 confirmed 50|72 advance|72 confirmed 100|73 pause|74 rollback: odd|75 confirmed 0\
                 |76 withdrawn|77 stable-well";
    for line in story.split('|') {
        let (at, what) = line.split_once(' ').unwrap();
        teller.tell(at.parse().unwrap(), what);
        let headline = teller.state.headline();
        let waits = if headline.waits_for_person { " (waits for a person)" } else { "" };
        let _ = writeln!(told, "{:<12} {}{waits}", headline.word, headline.line);
    }
    expect![[r#"
        deploying    1.1 is being brought up
        ramping      phase 1 of 3, 10 % on 1.1, soak 0 ms of 30 s; the lever has not confirmed the share yet
        ramping      phase 1 of 3, 10 % on 1.1, soak 0 ms of 30 s
        ramping      phase 1 of 3, 10 % on 1.1, soak 10 s of 30 s
        paused       phase 1 of 3, 10 % on 1.1, soak 10 s of 30 s; paused: lunch (waits for a person)
        ramping      phase 1 of 3, 10 % on 1.1, soak 10 s of 30 s
        ramping      phase 1 of 3, 10 % on 1.1, soak 10 s of 30 s
        ramping      phase 1 of 3, 10 % on 1.1, soak 10 s of 30 s; blind: the signal has no data
        ramping      phase 1 of 3, 10 % on 1.1, soak 20 s of 30 s
        ramping      phase 2 of 3, 50 % on 1.1, soak 0 ms of 30 s; the lever has not confirmed the share yet
        ramping      phase 2 of 3, 50 % on 1.1, soak 0 ms of 30 s
        ramping      phase 3 of 3, 100 % on 1.1, soak 0 ms of 0 ms; the lever has not confirmed the share yet
        watching     everybody on 1.1, the old version is warm for 0 ms of 30 s
        paused       everybody on 1.1, the old version is warm for 0 ms of 30 s (waits for a person)
        rolling_back taking users back (step: execute): by hand: odd
        rolling_back taking users back (step: execute): by hand: odd
        rolling_back taking users back (step: verify): by hand: odd
        rolled_back  users have 1.0: by hand: odd
    "#]]
    .assert_eq(&told);
}
