#include "rtp/receive/assembler.hpp"

#include <algorithm>

#include "rtp/detail/numbers.hpp"
#include "rtp/payload/detail/nal.hpp"

namespace lucid::rtp {

namespace {

// Whether a payload tells by itself that it is the first of its frame. The others begin where the
// packet before them ended a frame.
bool tells_its_start(core::Codec codec) {
  switch (codec) {
    case core::Codec::vp8:
    case core::Codec::vp9:
      return true;
    case core::Codec::h264:
    case core::Codec::h265:
    case core::Codec::av1:
      return false;
    case core::Codec::opus:
    case core::Codec::g722:
    case core::Codec::pcmu:
    case core::Codec::pcma:
    case core::Codec::telephone_event:
      return true;
  }
  return true;
}

}  // namespace

FrameAssembler::FrameAssembler(core::Codec codec)
    : codec_{codec},
      explicit_start_{tells_its_start(codec)},
      depacketizer_{make_depacketizer(codec)},
      slots_(window) {}

const FrameAssembler::Slot* FrameAssembler::find(std::int64_t sequence) const {
  const Slot& slot = slots_[static_cast<std::size_t>(sequence) % window];
  return slot.sequence == sequence ? &slot : nullptr;
}

bool FrameAssembler::insert(const Packet& view, core::Buffer bytes, const Arrival& arrival) {
  // Until frames have left, what was overtaken by the first packet may still come.
  const std::int64_t least = oldest_ - (forgets_ ? 0 : detail::most_overtaken);
  if (arrival.sequence < 0 || (began_ && arrival.sequence < least)) return false;
  if (find(arrival.sequence) != nullptr || !depacketizer_) return false;
  const bool padding = view.payload().empty();
  std::optional<PayloadInfo> info = PayloadInfo{};
  if (!padding) info = depacketizer_->inspect(view.payload(), view.marker());
  if (!info) return false;
  oldest_ = began_ ? std::min(oldest_, arrival.sequence) : arrival.sequence;
  began_ = true;
  key_part_ = key_part_ || info->key;
  // The slot's last tenant is a whole window older: whoever still waits for it waits in vain.
  Slot& here = slot(arrival.sequence);
  if (here.sequence > arrival.sequence) return false;
  here = Slot{arrival.sequence, std::move(bytes), view,    *info,
              arrival.time,     arrival.repaired, padding, false};
  try_around(arrival.sequence);
  return true;
}

bool FrameAssembler::is_padding(std::int64_t sequence) const {
  const Slot* slot = find(sequence);
  return slot != nullptr && slot->padding;
}

bool FrameAssembler::begins(const Slot& slot) const {
  if (explicit_start_) return slot.info.starts_frame;
  // The first packet of all has none before it.
  if (slot.sequence == oldest_ && slot.info.starts_frame && slot.info.key &&
      (codec_ == core::Codec::av1 || detail::has_parameter_sets(codec_, slot.view.payload()))) {
    return true;
  }
  const Slot* before = find(slot.sequence - 1);
  return before != nullptr && (before->padding || before->view.marker() ||
                               before->view.timestamp() != slot.view.timestamp());
}

bool FrameAssembler::ends(const Slot& slot) const {
  if (slot.info.ends_frame || slot.view.marker()) return true;
  // RFC 7741 4.1, RFC 9628 4.2: these say so; a frame that was cut short is not complete.
  if (explicit_start_) return false;
  const Slot* after = find(slot.sequence + 1);
  return after != nullptr && !after->padding && after->view.timestamp() != slot.view.timestamp();
}

// A packet may complete its own frame, and show where a neighbour's ends or begins.
void FrameAssembler::try_around(std::int64_t sequence) {
  for (const std::int64_t middle : {sequence - 1, sequence, sequence + 1}) {
    const Slot* slot = find(middle);
    if (slot == nullptr || slot->used || slot->padding) continue;
    const std::uint32_t timestamp = slot->view.timestamp();
    const Slot* first = slot;
    while (!begins(*first)) {
      const Slot* before = find(first->sequence - 1);
      if (before == nullptr || before->used || before->view.timestamp() != timestamp) break;
      first = before;
    }
    const Slot* last = slot;
    while (!ends(*last)) {
      const Slot* after = find(last->sequence + 1);
      if (after == nullptr || after->used || after->view.timestamp() != timestamp) break;
      last = after;
    }
    if (begins(*first) && ends(*last)) join(first->sequence, last->sequence);
  }
}

bool FrameAssembler::join(std::int64_t first, std::int64_t last) {
  AssembledFrame out;
  out.first_sequence = first;
  out.last_sequence = last;
  out.info = find(first)->info;
  payloads_.clear();
  std::size_t size = 0;
  for (std::int64_t sequence = first; sequence <= last; ++sequence) {
    Slot& part = slot(sequence);
    payloads_.push_back(part.view.payload());
    size += payloads_.back().size();
    out.repaired = out.repaired || part.repaired;
    out.complete_at = std::max(out.complete_at, part.time);
    part.used = true;
  }
  out.frame.codec = codec_;
  out.frame.rtp_timestamp = find(first)->view.timestamp();
  out.frame.last_of_picture = find(last)->view.marker();
  out.frame.data.reserve(size);
  const bool ok = depacketizer_->assemble(payloads_, out.frame);
  out.first_packet = std::move(slot(first).bytes);
  if (last != first) out.last_packet = std::move(slot(last).bytes);
  // The bytes have been copied out; the buffers go back at once, the places stay taken.
  for (std::int64_t sequence = first; sequence <= last; ++sequence) slot(sequence).bytes = {};
  if (ok) done_.push_back(std::move(out));
  return ok;
}

void FrameAssembler::forget_before(std::int64_t sequence) {
  forgets_ = true;
  if (sequence <= oldest_) return;
  const std::int64_t from = std::max(oldest_, sequence - static_cast<std::int64_t>(window));
  for (std::int64_t gone = from; gone < sequence; ++gone) {
    if (find(gone) != nullptr) slot(gone).bytes = {};
  }
  oldest_ = sequence;
}

}  // namespace lucid::rtp
