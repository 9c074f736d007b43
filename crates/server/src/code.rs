//! The server's own codes; the codes of control, policy and journal are passed on as they are.

use axum::http::StatusCode;

/// What the server itself refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    TokenMissing,
    TokenUnknown,
    TokenExpired,
    TokenRevoked,
    ScopeMissing,
    TokensUnread,
    NoRoute,
    WrongMethod,
    BodyTooLarge,
    BodyWrong,
    NotJson,
    ParameterWrong,
    ActorWrong,
    TextWrong,
    PolicyUnreadable,
    PolicyWrong,
    PushUnwired,
    CountsWrong,
    IntervalWrong,
    IntervalOld,
    NoSuchToken,
    LastAdmin,
    TokenAskedWrong,
    NotReady,
    NoExperiment,
    TooManyEvents,
    TooOften,
    LogsWrong,
    CountsUnread,
    ChannelUnsaid,
    Defect,
}

impl Code {
    /// The code as it is printed; its page is under `docs/errors/`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::TokenMissing => "TG-6001",
            Self::TokenUnknown => "TG-6002",
            Self::TokenExpired => "TG-6003",
            Self::TokenRevoked => "TG-6004",
            Self::ScopeMissing => "TG-6005",
            Self::TokensUnread => "TG-6006",
            Self::NoRoute => "TG-6010",
            Self::WrongMethod => "TG-6011",
            Self::BodyTooLarge => "TG-6012",
            Self::BodyWrong => "TG-6013",
            Self::NotJson => "TG-6014",
            Self::ParameterWrong => "TG-6015",
            Self::ActorWrong => "TG-6016",
            Self::TextWrong => "TG-6017",
            Self::PolicyUnreadable => "TG-6020",
            Self::PolicyWrong => "TG-6021",
            Self::PushUnwired => "TG-6030",
            Self::CountsWrong => "TG-6031",
            Self::IntervalWrong => "TG-6032",
            Self::IntervalOld => "TG-6033",
            Self::NoSuchToken => "TG-6040",
            Self::LastAdmin => "TG-6041",
            Self::TokenAskedWrong => "TG-6042",
            Self::NotReady => "TG-6050",
            Self::NoExperiment => "TG-8101",
            Self::TooManyEvents => "TG-8102",
            Self::TooOften => "TG-8108",
            Self::LogsWrong => "TG-8109",
            Self::CountsUnread => "TG-8110",
            Self::ChannelUnsaid => "TG-8111",
            Self::Defect => "TG-6099",
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::TokenMissing | Self::TokenUnknown | Self::TokenExpired | Self::TokenRevoked => {
                StatusCode::UNAUTHORIZED
            }
            Self::ScopeMissing => StatusCode::FORBIDDEN,
            Self::NoRoute | Self::NoSuchToken => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge | Self::TooManyEvents => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyWrong | Self::ParameterWrong | Self::ActorWrong | Self::ChannelUnsaid => StatusCode::BAD_REQUEST,
            Self::NotJson | Self::LogsWrong => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TextWrong | Self::PolicyWrong | Self::CountsWrong | Self::IntervalWrong | Self::TokenAskedWrong => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::PushUnwired | Self::IntervalOld | Self::LastAdmin | Self::NoExperiment => StatusCode::CONFLICT,
            Self::TooOften => StatusCode::TOO_MANY_REQUESTS,
            Self::TokensUnread | Self::PolicyUnreadable | Self::NotReady | Self::CountsUnread => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Defect => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::NoExperiment => "the flag is no experiment here",
            Self::TooManyEvents => "too many events at once",
            Self::TooOften => "the token asks too often",
            Self::LogsWrong => "logs are taken as JSON",
            Self::CountsUnread => "counts cannot be understood",
            Self::ChannelUnsaid => "no channel was named",
            Self::TokenMissing => "a token is needed",
            Self::TokenUnknown => "the token is not known",
            Self::TokenExpired => "the token has expired",
            Self::TokenRevoked => "the token was revoked",
            Self::ScopeMissing => "the token does not allow this",
            Self::TokensUnread => "tokens cannot be checked yet",
            Self::NoRoute => "there is nothing here",
            Self::WrongMethod => "the method is not allowed here",
            Self::BodyTooLarge => "the body is too large",
            Self::BodyWrong => "the body is not what is asked for here",
            Self::NotJson => "the body is not sent as JSON",
            Self::ParameterWrong => "a parameter is wrong",
            Self::ActorWrong => "the name of the person cannot be kept",
            Self::TextWrong => "a text cannot be kept",
            Self::PolicyUnreadable => "the policy cannot be read",
            Self::PolicyWrong => "the policy is wrong",
            Self::PushUnwired => "this release takes no pushed counts",
            Self::CountsWrong => "the counts cannot be true",
            Self::IntervalWrong => "the interval cannot be true",
            Self::IntervalOld => "the interval is not newer",
            Self::NoSuchToken => "there is no such token",
            Self::LastAdmin => "the last admin token stays",
            Self::TokenAskedWrong => "such a token cannot be issued",
            Self::NotReady => "not ready",
            Self::Defect => "a fault of Tidegate",
        }
    }
}
