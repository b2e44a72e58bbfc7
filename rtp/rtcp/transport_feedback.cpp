#include "rtp/rtcp/transport_feedback.hpp"

#include <algorithm>

#include "core/serial.hpp"

namespace lucid::rtp::rtcp {
namespace {

constexpr std::uint8_t small_delta = 1;
constexpr std::uint8_t large_delta = 2;
constexpr std::size_t most_run = 0x1FFF;
constexpr std::size_t most_packets = 0xFFFF;
constexpr std::int64_t reference_circle = 1 << 24;

using Symbols = std::span<const std::uint8_t>;

// transport-wide-cc 01, 3.1.3: |0| S | run length, 13 bits|
std::uint16_t run_chunk(std::uint8_t symbol, std::size_t length) {
  return static_cast<std::uint16_t>(static_cast<std::size_t>(symbol) << 13 | length);
}

// transport-wide-cc 01, 3.1.4: |1|0| 14 symbols of one bit|
std::uint16_t one_bit_chunk(Symbols symbols) {
  unsigned chunk = 0x8000;
  for (std::size_t i = 0; i < symbols.size(); ++i) chunk |= unsigned{symbols[i]} << (13 - i);
  return static_cast<std::uint16_t>(chunk);
}

// transport-wide-cc 01, 3.1.4: |1|1| 7 symbols of two bits|
std::uint16_t two_bit_chunk(Symbols symbols) {
  unsigned chunk = 0xC000;
  for (std::size_t i = 0; i < symbols.size(); ++i) chunk |= unsigned{symbols[i]} << 2 * (6 - i);
  return static_cast<std::uint16_t>(chunk);
}

// Takes from the front whichever chunk says most.
std::uint16_t take_chunk(Symbols& symbols) {
  const auto other = std::ranges::find_if(symbols, [&](auto s) { return s != symbols[0]; });
  const std::size_t run = std::min(static_cast<std::size_t>(other - symbols.begin()), most_run);
  const Symbols one_bit = symbols.first(std::min<std::size_t>(symbols.size(), 14));
  const bool narrow = std::ranges::all_of(one_bit, [](auto s) { return s <= small_delta; });
  const Symbols vector = narrow ? one_bit : symbols.first(std::min<std::size_t>(symbols.size(), 7));
  const std::size_t taken = std::max(run, vector.size());
  std::uint16_t chunk = run_chunk(symbols[0], run);
  if (run < vector.size()) chunk = narrow ? one_bit_chunk(vector) : two_bit_chunk(vector);
  symbols = symbols.subspan(taken);
  return chunk;
}

void read_chunk(std::uint16_t chunk, std::size_t count, std::vector<std::uint8_t>& symbols) {
  const std::size_t left = count - symbols.size();
  if ((chunk & 0x8000) == 0) {
    symbols.insert(symbols.end(), std::min<std::size_t>(chunk & most_run, left),
                   static_cast<std::uint8_t>(chunk >> 13 & 3));
    return;
  }
  const bool narrow = (chunk & 0x4000) == 0;
  const std::size_t size = std::min<std::size_t>(narrow ? 14 : 7, left);
  for (std::size_t i = 0; i < size; ++i) {
    symbols.push_back(
        static_cast<std::uint8_t>(narrow ? chunk >> (13 - i) & 1 : chunk >> 2 * (6 - i) & 3));
  }
}

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  return value / by - (value % by < 0 ? 1 : 0);
}

}  // namespace

std::vector<std::uint8_t> TransportFeedback::symbols() const {
  std::vector<std::uint8_t> symbols;
  symbols.reserve(status_count);
  for (const std::uint16_t chunk : chunks) read_chunk(chunk, status_count, symbols);
  return symbols;
}

std::vector<TransportFeedback::Result> TransportFeedback::results() const {
  std::vector<Result> results;
  const auto all = symbols();
  if (all.size() != status_count) return results;
  results.reserve(all.size());
  core::Duration time = reference_time * reference_tick;
  std::size_t next_delta = 0;
  std::uint16_t sequence = base_sequence;
  for (const std::uint8_t symbol : all) {
    Result result{.sequence = sequence++, .received = symbol != 0};
    if (has_timestamps && (symbol == small_delta || symbol == large_delta)) {
      if (next_delta == deltas.size()) return {};
      // transport-wide-cc 01, 3.1.5: the first delta counts from the reference, each other one from
      // the packet before it.
      time += deltas[next_delta++] * delta_tick;
    }
    result.arrival = time;
    results.push_back(result);
  }
  return results;
}

TransportFeedbackBuilder::TransportFeedbackBuilder(std::uint16_t base_sequence,
                                                   core::Time first_arrival,
                                                   std::uint8_t feedback_count, bool timestamps) {
  message_.base_sequence = base_sequence;
  message_.feedback_count = feedback_count;
  message_.has_timestamps = timestamps;
  const std::int64_t reference = floor_divide(first_arrival.time_since_epoch().count(),
                                              TransportFeedback::reference_tick.count());
  last_arrival_ = core::Time{reference * TransportFeedback::reference_tick};
  // The field is signed and wraps at 24 bits.
  std::int64_t wrapped = reference % reference_circle;
  if (wrapped >= reference_circle / 2) wrapped -= reference_circle;
  if (wrapped < -reference_circle / 2) wrapped += reference_circle;
  message_.reference_time = static_cast<std::int32_t>(wrapped);
}

bool TransportFeedbackBuilder::add(std::uint16_t sequence, core::Time arrival) {
  const auto next = static_cast<std::uint16_t>(message_.base_sequence + symbols_.size());
  const auto gap =
      core::Serial<std::uint16_t>::distance(core::Serial{next}, core::Serial{sequence});
  if (gap < 0 || symbols_.size() + static_cast<std::size_t>(gap) >= most_packets) return false;
  const std::int64_t tick = TransportFeedback::delta_tick.count();
  const std::int64_t delta = floor_divide((arrival - last_arrival_).count() + tick / 2, tick);
  if (message_.has_timestamps && (delta < INT16_MIN || delta > INT16_MAX)) return false;
  symbols_.insert(symbols_.end(), static_cast<std::size_t>(gap), 0);
  const bool small = !message_.has_timestamps || (delta >= 0 && delta <= 0xFF);
  symbols_.push_back(small ? small_delta : large_delta);
  if (message_.has_timestamps) message_.deltas.push_back(static_cast<std::int16_t>(delta));
  // Counted in whole ticks, so that rounding does not add up.
  last_arrival_ += delta * TransportFeedback::delta_tick;
  return true;
}

TransportFeedback TransportFeedbackBuilder::build(std::uint32_t sender_ssrc,
                                                  std::uint32_t media_ssrc) const {
  TransportFeedback message = message_;
  message.sender_ssrc = sender_ssrc;
  message.media_ssrc = media_ssrc;
  message.status_count = static_cast<std::uint16_t>(symbols_.size());
  Symbols left{symbols_};
  while (!left.empty()) message.chunks.push_back(take_chunk(left));
  return message;
}

}  // namespace lucid::rtp::rtcp
