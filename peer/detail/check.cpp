#include <algorithm>

#include "peer/detail/apply.hpp"
#include "sdp/validate.hpp"

namespace lucid::peer::detail {

Error error_of(ErrorName name, const sdp::Problem& problem) {
  Error error{.name = name};
  error.message = std::string{sdp::meaning(problem.rule)};
  if (!problem.detail.empty()) error.message += " Found: " + problem.detail + ".";
  error.sdp_rule = std::string{sdp::to_string(problem.rule)};
  error.sdp_rule += " (" + std::string{sdp::reference(problem.rule)} + ")";
  if (problem.line != 0) error.sdp_line_number = problem.line;
  if (problem.column != 0) error.sdp_column = problem.column;
  return error;
}

namespace {

sdp::Type sdp_type(SdpType type) {
  switch (type) {
    case SdpType::offer:
    case SdpType::rollback:
      return sdp::Type::offer;
    case SdpType::pranswer:
      return sdp::Type::pranswer;
    case SdpType::answer:
      return sdp::Type::answer;
  }
  return sdp::Type::offer;
}

// W3C 4.4.1.5: what is set locally is what was created last, to the letter.
Result<void> check_unchanged(const Model& model, SdpType type, const std::string& text) {
  const bool offer = type == SdpType::offer;
  const std::string& created = offer ? model.last_offer.sdp : model.last_answer.sdp;
  if (!created.empty() && text == created) return {};
  return refuse(ErrorName::invalid_modification_error,
                created.empty() ? std::string{"There is nothing to set: call "} +
                                      (offer ? "create_offer" : "create_answer") + " first."
                                : std::string{"The description is not what "} +
                                      (offer ? "create_offer" : "create_answer") +
                                      " gave last; change transceivers and parameters in place of "
                                      "the text.");
}

Result<void> verdict_of(const std::vector<sdp::Problem>& problems) {
  const auto fine = sdp::first_error(problems);
  if (fine) return {};
  return std::unexpected(error_of(ErrorName::invalid_access_error, fine.error()));
}

// Sections of old equipment have no mid. They are named by their order, here alone.
bool name_sections(sdp::Session& session) {
  const bool named = std::ranges::any_of(
      session.media, [](const sdp::MediaSection& section) { return !section.mid().empty(); });
  if (named) return false;
  for (std::size_t i = 0; i < session.media.size(); ++i) {
    session.media[i].set(sdp::Mid{std::to_string(i)});
  }
  return !session.media.empty();
}

}  // namespace

Result<Description> read_description(const Model& model, Side side, SdpType type,
                                     const std::string& text) {
  if (side == Side::local) {
    if (auto same = check_unchanged(model, type, text); !same) {
      return std::unexpected(same.error());
    }
    // Ours, to the letter: nothing in it needs to be looked at again.
    const Model::Created& created = type == SdpType::offer ? model.last_offer : model.last_answer;
    Description description{type, *created.session};
    description.unnamed = name_sections(description.session);
    return description;
  }
  auto session = sdp::parse(text);
  if (!session) {
    Error error = error_of(ErrorName::operation_error, session.error());
    error.detail = ErrorDetail::sdp_syntax_error;
    return std::unexpected(std::move(error));
  }
  if (const auto fine = sdp::first_error(sdp::validate(*session, sdp_type(type))); !fine) {
    return std::unexpected(error_of(ErrorName::invalid_access_error, fine.error()));
  }
  // RFC 9429 5.8: a remote answer is bound by our offer, and a later description by the one before.
  if (type != SdpType::offer && model.pending_local) {
    const auto fine = verdict_of(sdp::check_answer(model.pending_local->session, *session));
    if (!fine) return std::unexpected(fine.error());
  }
  Description description{type, std::move(*session)};
  description.unnamed = name_sections(description.session);
  if (model.current_remote) {
    // RFC 9429 5.2.2: where our own description refused a section, its place is free.
    const auto fine = verdict_of(
        sdp::check_change(model.current_remote->session, description.session,
                          model.current_local ? &model.current_local->session : nullptr));
    if (!fine) return std::unexpected(fine.error());
  }
  return description;
}

}  // namespace lucid::peer::detail
