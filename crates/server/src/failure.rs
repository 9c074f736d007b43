//! Every error that leaves the server, in one shape. The codes of control, policy and journal are passed on, with the HTTP
//! status that a client can act on.

use crate::app::PolicyUnreadable;
use crate::code::Code;
use crate::dto::{PolicyProblem, Problem};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use control::ControlError;
use engine::Refusal;
use flags::change::Refusal as FlagRefusal;
use journal::{AppendError, Unavailable};
use registry::FlagError;

/// How many wrong places of a definition are sent.
const MOST_PROBLEMS: usize = 50;

/// Control's code for what is true and not yet written.
const UNWRITTEN: &str = "TG-2107";

/// An error on its way out. Boxed, since it stands beside small answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure(Box<Problem>);

impl Failure {
    /// One of the server's own.
    pub(crate) fn of(code: Code, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(code.status(), code.as_str(), code.title(), detail, hint)
    }

    /// Tidegate contradicts itself: the detail is logged and not sent.
    pub(crate) fn defect(what: &str, detail: &dyn std::fmt::Display) -> Self {
        tracing::error!(code = Code::Defect.as_str(), what, %detail, "a fault of Tidegate");
        Self::of(Code::Defect, what, "look into the server's log, and report what it says")
    }

    fn new(status: StatusCode, code: &str, title: &str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self(Box::new(Problem {
            kind: format!("urn:tidegate:error:{code}"),
            title: title.into(),
            status: status.as_u16(),
            code: code.into(),
            detail: detail.into(),
            hint: hint.into(),
            problems: Vec::new(),
            omitted: 0,
        }))
    }

    /// As it is sent.
    pub(crate) fn into_problem(self) -> Problem {
        *self.0
    }

    /// As a line of an export and as a last event of a stream.
    pub(crate) fn problem(&self) -> &Problem {
        &self.0
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"tidegate\""));
        }
        // What was taken and only waits for the journal must not be sent again.
        if status == StatusCode::SERVICE_UNAVAILABLE && self.0.code != UNWRITTEN {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        let (status, title) = place(&error);
        let mut failure = Self::new(status, error.code(), title, error.to_string(), error.hint());
        if let ControlError::Policy(problem) = &error {
            failure.0.detail = format!("{}: {}", problem.what, problem.why);
            failure.0.problems = vec![policy_problem(problem)];
        }
        failure
    }
}

fn place(error: &ControlError) -> (StatusCode, &'static str) {
    match error {
        ControlError::Refused(Refusal::ReasonMissing { .. }) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "a reason is missing")
        }
        ControlError::Refused(
            Refusal::Over { .. }
            | Refusal::NotNow { .. }
            | Refusal::OtherPhase { .. }
            | Refusal::NothingToReturnTo { .. },
        ) => (StatusCode::CONFLICT, "the release refuses"),
        ControlError::Policy(_) | ControlError::Plan(_) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "the policy does not cover it")
        }
        ControlError::BadVersion { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "not a version"),
        ControlError::InFlight { .. } => (StatusCode::CONFLICT, "another release is under way"),
        ControlError::Quarantined { .. } => (StatusCode::CONFLICT, "the artifact is in quarantine"),
        ControlError::AlreadyLive { .. } => (StatusCode::CONFLICT, "the version is live"),
        ControlError::Unknown { .. } => (StatusCode::NOT_FOUND, "there is no such release"),
        ControlError::NotLeader { .. } => (StatusCode::SERVICE_UNAVAILABLE, "this replica does not lead"),
        ControlError::Unwritten { .. } => (StatusCode::SERVICE_UNAVAILABLE, "taken, but not yet written"),
        ControlError::Journal { code, .. } => (journal_status(code), "the journal does not take it"),
        ControlError::Unreadable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "a release cannot be read"),
        ControlError::Undecodable(_) => (StatusCode::SERVICE_UNAVAILABLE, "the journal cannot be understood"),
        ControlError::Port(_) => (StatusCode::BAD_GATEWAY, "the world does not answer"),
    }
}

/// What the journal refuses because of its form is the caller's; everything else may be better in a while.
fn journal_status(code: &str) -> StatusCode {
    match code {
        "TG-3001" => StatusCode::CONFLICT,
        "TG-3003" => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

impl From<Unavailable> for Failure {
    fn from(error: Unavailable) -> Self {
        tracing::warn!(code = error.code(), %error, detail = error.detail, "the journal does not answer");
        ControlError::from(error).into()
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        ControlError::from(error).into()
    }
}

impl From<FlagError> for Failure {
    fn from(error: FlagError) -> Self {
        let (status, title) = flag_place(&error);
        let mut failure = Self::new(status, error.code(), title, error.to_string(), error.hint());
        if let FlagError::Wrong { problems } = &error {
            failure.0.problems =
                problems.iter().take(MOST_PROBLEMS).map(|problem| flag_problem(&error, problem)).collect();
            failure.0.omitted = problems.len().saturating_sub(MOST_PROBLEMS) as u64;
        }
        if let FlagError::Defect { why } = &error {
            tracing::error!(code = error.code(), %why, "a fault of Tidegate");
        }
        failure
    }
}

fn flag_place(error: &FlagError) -> (StatusCode, &'static str) {
    match error {
        FlagError::Unknown { .. } => (StatusCode::NOT_FOUND, "there is no such flag"),
        FlagError::UnknownSegment { .. } => (StatusCode::NOT_FOUND, "there is no such segment"),
        FlagError::Refused { why: FlagRefusal::NotPlanned(_), .. } => {
            (StatusCode::NOT_FOUND, "nothing like that is planned")
        }
        FlagError::Refused { why: FlagRefusal::Past, .. } => (StatusCode::UNPROCESSABLE_ENTITY, "the time is over"),
        FlagError::Refused { .. } => (StatusCode::CONFLICT, "the flag refuses"),
        FlagError::Conflict { .. } => (StatusCode::CONFLICT, "somebody else changed it"),
        FlagError::Wrong { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "the definition is wrong"),
        FlagError::UnknownChannel { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "there is no such channel"),
        FlagError::Denied { .. } => (StatusCode::FORBIDDEN, "the token does not allow this"),
        FlagError::NotUndoable { .. } => (StatusCode::CONFLICT, "that cannot be taken back"),
        FlagError::TooLarge { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "the definitions are too large"),
        FlagError::ReasonMissing => (StatusCode::UNPROCESSABLE_ENTITY, "a reason is missing"),
        FlagError::Unread { .. } => (StatusCode::SERVICE_UNAVAILABLE, "flags are not known yet"),
        FlagError::Journal { code, .. } => (journal_status(code), "the journal does not take it"),
        FlagError::Defect { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "a fault of Tidegate"),
    }
}

fn flag_problem(error: &FlagError, problem: &flags::Problem) -> PolicyProblem {
    PolicyProblem {
        code: error.code().to_string(),
        what: problem.path.clone(),
        why: problem.why.clone(),
        hint: Some(problem.hint.clone()),
        path: problem.path.clone(),
        file: None,
        line: None,
        column: None,
    }
}

impl From<PolicyUnreadable> for Failure {
    fn from(error: PolicyUnreadable) -> Self {
        match error {
            PolicyUnreadable::File { file, why } => Self::of(
                Code::PolicyUnreadable,
                format!("{file} cannot be read: {why}"),
                "give the server's user the right to read it, or start the server with --policy FILE",
            ),
            PolicyUnreadable::Wrong(wrong) => {
                let count = wrong.list.len() + wrong.omitted;
                let detail = match wrong.list.first() {
                    Some(first) if count == 1 => format!("{}: {}", first.what, first.why),
                    Some(first) => format!("{count} problems, the first: {}: {}", first.what, first.why),
                    None => "it has problems".to_string(),
                };
                let mut failure =
                    Self::of(Code::PolicyWrong, detail, "mend the policy; `tidegate check` shows the places");
                failure.0.problems = wrong.list.iter().map(policy_problem).collect();
                failure.0.omitted = wrong.omitted as u64;
                failure
            }
        }
    }
}

fn policy_problem(problem: &policy::Problem) -> PolicyProblem {
    let place = problem.place.as_ref();
    PolicyProblem {
        code: problem.code.as_str().to_string(),
        what: problem.what.clone(),
        why: problem.why.clone(),
        hint: problem.hint.clone(),
        path: problem.path.clone(),
        file: place.map(|place| place.file.clone()),
        line: place.map(|place| place.line as u64),
        column: place.map(|place| place.column as u64),
    }
}
