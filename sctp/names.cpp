// The names of what can be reported.
#include "sctp/association.hpp"
#include "sctp/channel.hpp"

namespace lucid::sctp {

std::string_view to_string(SetupError error) {
  switch (error) {
    case SetupError::wrong_thread:
      return "wrong_thread";
    case SetupError::out_of_memory:
      return "out_of_memory";
  }
  return "";
}

std::string_view to_string(SendError error) {
  switch (error) {
    case SendError::not_open:
      return "not_open";
    case SendError::too_large:
      return "too_large";
    case SendError::no_stream:
      return "no_stream";
    case SendError::queue_full:
      return "queue_full";
  }
  return "";
}

std::string_view to_string(FailReason reason) {
  switch (reason) {
    case FailReason::no_answer:
      return "no_answer";
    case FailReason::aborted_by_peer:
      return "aborted_by_peer";
    case FailReason::protocol_violation:
      return "protocol_violation";
  }
  return "";
}

std::string_view to_string(OpenError error) {
  switch (error) {
    case OpenError::label_too_long:
      return "label_too_long";
    case OpenError::protocol_too_long:
      return "protocol_too_long";
    case OpenError::id_in_use:
      return "id_in_use";
    case OpenError::id_out_of_range:
      return "id_out_of_range";
    case OpenError::no_free_id:
      return "no_free_id";
    case OpenError::closed:
      return "closed";
  }
  return "";
}

std::string_view to_string(CloseReason reason) {
  switch (reason) {
    case CloseReason::local:
      return "local";
    case CloseReason::remote:
      return "remote";
    case CloseReason::association_lost:
      return "association_lost";
    case CloseReason::no_free_id:
      return "no_free_id";
    case CloseReason::oversized_message:
      return "oversized_message";
    case CloseReason::protocol_violation:
      return "protocol_violation";
  }
  return "";
}

std::string_view to_string(ChannelState state) {
  switch (state) {
    case ChannelState::connecting:
      return "connecting";
    case ChannelState::open:
      return "open";
    case ChannelState::closing:
      return "closing";
    case ChannelState::closed:
      return "closed";
  }
  return "";
}

std::string_view to_string(Priority priority) {
  switch (priority) {
    case Priority::very_low:
      return "very-low";
    case Priority::low:
      return "low";
    case Priority::medium:
      return "medium";
    case Priority::high:
      return "high";
  }
  return "";
}

std::string_view to_string(MessageKind kind) {
  switch (kind) {
    case MessageKind::string:
      return "string";
    case MessageKind::binary:
      return "binary";
  }
  return "";
}

}  // namespace lucid::sctp
