#pragma once
#include <cstdint>
#include <string_view>

namespace lucid::sctp {

enum class SetupError : std::uint8_t {
  wrong_thread,   // all associations of a process live on one thread, that of the first one
  out_of_memory,  // the engine could not make a socket
};
enum class SendError : std::uint8_t {
  not_open,   // closed, closing or failed; for a channel also: not opened yet
  too_large,  // above what the peer takes (RFC 8841 6), or what may wait at all
  no_stream,  // the association has fewer streams
  queue_full  // the bound on what may wait is reached; wait for BufferedAmountLow
};
enum class FailReason : std::uint8_t {
  no_answer,          // nobody answered INIT, or data, often enough
  aborted_by_peer,    // ABORT chunk
  protocol_violation  // the peer broke a rule of SCTP, and we sent ABORT
};
std::string_view to_string(SetupError error);
std::string_view to_string(SendError error);
std::string_view to_string(FailReason reason);

}  // namespace lucid::sctp
