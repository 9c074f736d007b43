//! What may happen to a rollout: 35 scenarios that were written down before the judge was, and variants in which errors
//! come in clusters. `aa_` is a release that changes nothing, `tol_` one that is worse by less than the margins.

use crate::clusters::Clusters;

/// One service, its world, and what its release does.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// As the results name it; part of the seed.
    pub name: &'static str,
    /// What happens, for people.
    pub about: &'static str,
    /// Whether the release is good enough: no worse than 0.1 points and 10 %.
    pub healthy: bool,
    /// Requests per second, both arms together.
    pub rate: f64,
    /// Share of requests that fail in normal times.
    pub base_errors: f64,
    /// Which of these errors come together.
    pub clusters: Clusters,
    /// Four times an hour both arms fail 3 to 10 % for 20 to 60 seconds.
    pub shared_bursts: bool,
    /// Once both arms fail 8 % and are three times slower for ten minutes.
    pub outage: bool,
    /// Load swings by 60 % over six hours, and errors and durations with it.
    pub diurnal: bool,
    /// The canary is 2.5 times slower and fails 0.5 points more in the first two minutes of each phase.
    pub cold_starts: bool,
    /// A fifth of the measurements is lost, and five minutes in a row.
    pub gaps: bool,
    /// What the release does to its requests.
    pub canary: Effect,
    /// When that begins, seconds from the start.
    pub onset_s: u32,
}

/// What a release does to the requests that it serves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Effect {
    /// More of them fail, as a share of requests.
    pub errors: f64,
    /// Whether these come in clusters of the scenario's kinds as well, in the same shares.
    pub errors_in_clusters: bool,
    /// All are slower, relative (0.3 is 30 %).
    pub slower: f64,
    /// So many take eight times as long.
    pub tail: f64,
    /// A leak: 0.5 % slower with each minute; after 40 minutes also 0.01 points more errors with each.
    pub leak: bool,
    /// So many are begun and never end: no status, no duration.
    pub vanish: f64,
}

impl Scenario {
    /// A release that changes nothing: 100 requests per second, one in a thousand fails, each on its own.
    #[must_use]
    pub fn healthy(name: &'static str) -> Scenario {
        Scenario {
            name,
            about: "nothing changes",
            healthy: true,
            rate: 100.0,
            base_errors: 0.001,
            clusters: Clusters::default(),
            shared_bursts: false,
            outage: false,
            diurnal: false,
            cold_starts: false,
            gaps: false,
            canary: Effect::default(),
            onset_s: 0,
        }
    }

    /// A release that does harm.
    #[must_use]
    pub fn harmful(name: &'static str, canary: Effect) -> Scenario {
        Scenario { about: "", healthy: false, canary, ..Scenario::healthy(name) }
    }

    fn at(self, rate: f64) -> Scenario {
        Scenario { rate, ..self }
    }

    fn about(self, about: &'static str) -> Scenario {
        Scenario { about, ..self }
    }

    fn in_clusters(self, within_users: f64, within_pods: f64) -> Scenario {
        Scenario { clusters: Clusters { within_users, within_pods }, ..self }
    }
}

/// The scenario of this name.
#[must_use]
pub fn scenario(name: &str) -> Option<Scenario> {
    scenarios().into_iter().find(|scenario| scenario.name == name)
}

/// All of them: healthy ones, then harmful ones.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let mut all = healthy();
    all.extend(healthy_in_clusters());
    all.extend(failing());
    all.extend(failing_in_clusters());
    all.extend(slow_or_silent());
    all
}

fn healthy() -> Vec<Scenario> {
    let aa = Scenario::healthy;
    let slower = |name, by| Scenario { canary: Effect { slower: by, ..Effect::default() }, ..aa(name) };
    let slightly_failing = Effect { errors: 0.0005, ..Effect::default() };
    vec![
        aa("aa_r1").at(1.0).about("1 request per second"),
        aa("aa_r10").at(10.0).about("10 requests per second"),
        aa("aa_r100").about("100 requests per second"),
        aa("aa_r1000").at(1_000.0).about("1,000 requests per second"),
        Scenario { base_errors: 0.005, ..aa("aa_p05_r100") }.about("0.5 % of requests fail in normal times"),
        Scenario { diurnal: true, ..aa("aa_diurnal") }.about("load swings by 60 %, errors and durations with it"),
        Scenario { shared_bursts: true, ..aa("aa_bursty") }
            .in_clusters(0.0, 0.6)
            .about("both arms fail 3 to 10 % now and then; 60 % of the other errors in clusters within pods"),
        Scenario { cold_starts: true, ..aa("aa_coldstart") }.about("2.5 times slower for two minutes of each phase"),
        slower("aa_slowpod", 0.03).about("the canary's host is 3 % slower"),
        Scenario { gaps: true, ..aa("aa_gaps") }.about("a fifth of the measurements is lost"),
        Scenario { outage: true, ..aa("aa_outage") }.about("both arms fail 8 % for ten minutes"),
        aa("aa_notraffic").at(0.02).about("a request every 50 seconds"),
        Scenario { canary: slightly_failing, ..aa("tol_err+0.05pp_r1000") }
            .at(1_000.0)
            .about("+0.05 points: inside the margin"),
        slower("tol_lat+5", 0.05).about("5 % slower: inside the margin"),
    ]
}

fn healthy_in_clusters() -> Vec<Scenario> {
    let aa = Scenario::healthy;
    let bursty = |name| Scenario { shared_bursts: true, ..aa(name) };
    let (in_users, all_in_users) = ("60 % of errors in clusters within users", "all errors in clusters within users");
    let (in_pods, all_in_pods) = ("60 % of errors in clusters within pods", "all errors in clusters within pods");
    vec![
        aa("aa_users60_r1").at(1.0).in_clusters(0.6, 0.0).about(in_users),
        aa("aa_users60_r10").at(10.0).in_clusters(0.6, 0.0).about(in_users),
        aa("aa_users60_r100").in_clusters(0.6, 0.0).about(in_users),
        aa("aa_users60_r1000").at(1_000.0).in_clusters(0.6, 0.0).about(in_users),
        aa("aa_users_r1").at(1.0).in_clusters(1.0, 0.0).about(all_in_users),
        aa("aa_users_r10").at(10.0).in_clusters(1.0, 0.0).about(all_in_users),
        aa("aa_users_r100").in_clusters(1.0, 0.0).about(all_in_users),
        aa("aa_users_r1000").at(1_000.0).in_clusters(1.0, 0.0).about(all_in_users),
        aa("aa_pods60_r1").at(1.0).in_clusters(0.0, 0.6).about(in_pods),
        aa("aa_pods60_r10").at(10.0).in_clusters(0.0, 0.6).about(in_pods),
        aa("aa_pods60_r100").in_clusters(0.0, 0.6).about(in_pods),
        aa("aa_pods60_r1000").at(1_000.0).in_clusters(0.0, 0.6).about(in_pods),
        aa("aa_pods_r1").at(1.0).in_clusters(0.0, 1.0).about(all_in_pods),
        aa("aa_pods_r10").at(10.0).in_clusters(0.0, 1.0).about(all_in_pods),
        aa("aa_pods_r100").in_clusters(0.0, 1.0).about(all_in_pods),
        aa("aa_pods_r1000").at(1_000.0).in_clusters(0.0, 1.0).about(all_in_pods),
        bursty("aa_bursty_r1")
            .at(1.0)
            .in_clusters(0.3, 0.3)
            .about("shared bursts, 60 % of the others in both kinds of clusters"),
        bursty("aa_bursty_r10")
            .at(10.0)
            .in_clusters(0.3, 0.3)
            .about("shared bursts, 60 % of the others in both kinds of clusters"),
        bursty("aa_bursty80_r100")
            .in_clusters(0.4, 0.4)
            .about("shared bursts, 80 % of the others in both kinds of clusters"),
        bursty("aa_bursty_r1000")
            .at(1_000.0)
            .in_clusters(0.3, 0.3)
            .about("shared bursts, 60 % of the others in both kinds of clusters"),
    ]
}

fn failing() -> Vec<Scenario> {
    let more = |name, errors| Scenario::harmful(name, Effect { errors, ..Effect::default() });
    vec![
        more("err+0.15pp_r100", 0.0015).about("+0.15 points: just beyond the margin"),
        more("err+0.15pp_r1000", 0.0015).at(1_000.0).about("+0.15 points: just beyond the margin"),
        more("err+0.3pp_r10", 0.003).at(10.0).about("+0.3 points"),
        more("err+0.5pp_r10", 0.005).at(10.0).about("+0.5 points"),
        more("err+1pp_r1", 0.01).at(1.0).about("+1 point"),
        more("err+1pp_r10", 0.01).at(10.0).about("+1 point"),
        more("err+1pp_r100", 0.01).about("+1 point"),
        more("err+1pp_r1000", 0.01).at(1_000.0).about("+1 point"),
        more("err+5pp_r10", 0.05).at(10.0).about("+5 points"),
        more("err+5pp_r100", 0.05).about("+5 points"),
        more("err+5pp_r1000", 0.05).at(1_000.0).about("+5 points"),
        Scenario { outage: true, ..more("err+5pp_outage", 0.05) }.about("+5 points, and an outage of both arms"),
        more("err50_r10", 0.5).at(10.0).about("half of all fail"),
        Scenario { gaps: true, ..more("gaps+1pp", 0.01) }.about("+1 point, a fifth of the measurements is lost"),
        Scenario { onset_s: 6_000, ..more("late+2pp", 0.02) }.about("+2 points after 100 minutes"),
    ]
}

fn failing_in_clusters() -> Vec<Scenario> {
    let more = |name, errors| {
        let canary = Effect { errors, errors_in_clusters: true, ..Effect::default() };
        Scenario::harmful(name, canary).in_clusters(1.0, 0.0).about("all errors in clusters within users")
    };
    vec![
        more("err+1pp_users_r10", 0.01).at(10.0),
        more("err+1pp_users_r100", 0.01),
        more("err+1pp_users_r1000", 0.01).at(1_000.0),
        more("err+5pp_users_r10", 0.05).at(10.0),
        more("err+5pp_users_r100", 0.05),
        more("err+1pp_pods_r100", 0.01).in_clusters(0.0, 1.0).about("all errors in clusters within pods"),
        more("err+5pp_pods_r100", 0.05).in_clusters(0.0, 1.0).about("all errors in clusters within pods"),
    ]
}

fn slow_or_silent() -> Vec<Scenario> {
    let slower = |name, slower| Scenario::harmful(name, Effect { slower, ..Effect::default() });
    let silent = |name, vanish| Scenario::harmful(name, Effect { vanish, ..Effect::default() });
    let leaking = Scenario::harmful("leak", Effect { leak: true, ..Effect::default() });
    vec![
        slower("lat+12", 0.12).about("12 % slower: just beyond the margin"),
        slower("lat+30", 0.3).about("30 % slower"),
        slower("lat+30_r1", 0.3).at(1.0).about("30 % slower"),
        slower("lat+30_r1000", 0.3).at(1_000.0).about("30 % slower"),
        slower("lat+60", 0.6).about("60 % slower"),
        Scenario::harmful("lat_tail", Effect { tail: 0.03, ..Effect::default() })
            .about("3 % of requests take 8 times as long"),
        Scenario { onset_s: 1_200, ..leaking }.about("from 20 minutes on slower and slower, later errors as well"),
        silent("hang40", 0.4).about("40 % of the canary's requests never end"),
        silent("hang40_r1000", 0.4).at(1_000.0).about("40 % of the canary's requests never end"),
        silent("hang100", 1.0).about("none of the canary's requests ends"),
        silent("hang100_r10", 1.0).at(10.0).about("none of the canary's requests ends"),
        silent("hang100_r1000", 1.0).at(1_000.0).about("none of the canary's requests ends"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_names() {
        let all = scenarios();
        let names: BTreeSet<&str> = all.iter().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), all.len());
        assert!(all.iter().all(|scenario| !scenario.about.is_empty() && scenario.clusters.together() <= 1.0));
        assert_eq!(scenario("lat+30").map(|found| found.canary.slower), Some(0.3));
        assert_eq!(scenario("no such"), None);
    }

    #[test]
    fn a_healthy_one_is_within_the_margins_and_a_harmful_one_is_not() {
        for scenario in scenarios() {
            let Effect { errors, slower, tail, leak, vanish, .. } = scenario.canary;
            let beyond = errors > 0.001 || slower > 0.1 || tail > 0.01 || leak || vanish > 0.0;
            assert_eq!(scenario.healthy, !beyond, "{}", scenario.name);
        }
    }
}
