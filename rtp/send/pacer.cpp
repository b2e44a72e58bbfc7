#include "rtp/send/pacer.hpp"

#include <algorithm>
#include <chrono>

#include "rtp/extension_values.hpp"

namespace lucid::rtp {

namespace {

using namespace std::chrono_literals;

// Packets may leave this far ahead of the planned rate, so that the loop wakes up for several at
// once.
constexpr core::Duration burst = 5ms;
// Padding is asked for in portions of about a packet.
constexpr std::size_t padding_portion = 1000;

core::Duration time_for(std::size_t bytes, std::uint64_t bitrate) {
  if (bitrate == 0) return 0us;
  return core::Duration{static_cast<std::int64_t>(bytes * 8 * 1'000'000 / bitrate)};
}

}  // namespace

Pacer::Pacer(congestion::Controller& controller, core::Context) : controller_{&controller} {}

void Pacer::handle_datagram(Outgoing packet, core::Time now) {
  if (packet.bytes.empty()) return;
  // Audio is small, steady and urgent: spreading it out would only delay it.
  if (packet.kind == PacketKind::audio) {
    let_out({std::move(packet), now}, now);
    return;
  }
  if (!has_room()) {
    ++stats_.refused;
    return;
  }
  queued_bytes_ += packet.bytes.size();
  queues_[static_cast<std::size_t>(packet.kind)].push_back({std::move(packet), now});
  release(now);
}

void Pacer::forget(std::uint32_t ssrc) {
  for (auto& queue : queues_) {
    queue.erase_if([&](const Waiting& waiting) {
      if (waiting.packet.ssrc != ssrc) return false;
      queued_bytes_ -= waiting.packet.bytes.size();
      return true;
    });
  }
}

void Pacer::handle_timeout(core::Time now) {
  controller_->handle_timeout(now);
  release(now);
  const std::uint64_t padding = controller_->plan().padding;
  if (queued_bytes_ == 0 && padding > 0 && free_at_ <= now) event_ = WantPadding{padding_portion};
}

void Pacer::release(core::Time now) {
  const std::uint64_t rate = controller_->plan().pacing;
  while (core::Queue<Waiting>* queue = most_urgent()) {
    if (rate == 0 || free_at_ > now + burst) return;
    Waiting waiting = *queue->pop();
    queued_bytes_ -= waiting.packet.bytes.size();
    let_out(std::move(waiting), now);
  }
}

void Pacer::let_out(Waiting waiting, core::Time now) {
  Outgoing& packet = waiting.packet;
  packet.id = next_id_++;
  if (packet.transport_sequence_at != 0) {
    core::ByteWriter out{packet.bytes.bytes().subspan(packet.transport_sequence_at, 2)};
    TransportSequence{static_cast<std::uint16_t>(packet.id)}.write(out);
  }
  if (packet.send_time_at != 0) {
    core::ByteWriter out{packet.bytes.bytes().subspan(packet.send_time_at, 3)};
    AbsSendTime::at(now).write(out);
  }
  free_at_ = std::max(free_at_, now) +
             time_for(packet.bytes.size(), std::max<std::uint64_t>(1, controller_->plan().pacing));
  ++stats_.packets;
  stats_.total_queue_time += now - waiting.since;
  const std::optional<congestion::Probe>& probe = controller_->plan().probe;
  controller_->sent({packet.id, now, packet.bytes.size(), packet.kind,
                     probe ? std::optional{probe->id} : std::nullopt});
  out_.push_back(std::move(packet));
}

core::Queue<Pacer::Waiting>* Pacer::most_urgent() {
  const auto found =
      std::ranges::find_if(queues_, [](const auto& queue) { return !queue.empty(); });
  return found == queues_.end() ? nullptr : &*found;
}

std::optional<Outgoing> Pacer::poll_transmit() { return out_.pop(); }

std::optional<Pacer::Event> Pacer::poll_event() { return std::exchange(event_, std::nullopt); }

std::optional<core::Time> Pacer::next_timeout() const {
  std::optional<core::Time> deadline = controller_->next_timeout();
  const congestion::Plan& plan = controller_->plan();
  if (queued_bytes_ > 0 && plan.pacing > 0) deadline = core::earliest(deadline, free_at_ - burst);
  if (queued_bytes_ == 0 && plan.padding > 0) deadline = core::earliest(deadline, free_at_);
  return deadline;
}

}  // namespace lucid::rtp
