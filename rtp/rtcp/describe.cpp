#include "rtp/rtcp/describe.hpp"

#include "core/handle.hpp"
#include "core/text.hpp"

namespace lucid::rtp::rtcp {
namespace {

using Fields = std::vector<Field>;

template <class Number>
std::string number(Number value) {
  return std::to_string(value);
}

template <class Range, class Text>
std::string list(const Range& range, Text text) {
  std::string out = "[";
  for (const auto& item : range) {
    if (out.size() > 1) out += ',';
    out += text(item);
  }
  return out + ']';
}

std::string object(const Fields& fields) {
  std::string out = "{";
  for (const Field& field : fields) {
    if (out.size() > 1) out += ',';
    out += core::json(field.name) + ':' + field.value;
  }
  return out + '}';
}

std::string block_text(const ReportBlock& block) {
  return object({{"ssrc", number(block.ssrc)},
                 {"fraction_lost", number(block.fraction_lost)},
                 {"lost", number(block.cumulative_lost)},
                 {"highest_sequence", number(block.highest_sequence)},
                 {"jitter", number(block.jitter)},
                 {"lsr", number(block.last_sr)},
                 {"dlsr", number(block.delay_since_last_sr)}});
}

template <class Feedback>
Fields begin(const Feedback& m) {
  return {{"sender_ssrc", number(m.sender_ssrc)}, {"media_ssrc", number(m.media_ssrc)}};
}

std::string limits_text(const std::vector<BitrateLimit>& limits) {
  return list(limits, [](const BitrateLimit& limit) {
    return object({{"ssrc", number(limit.ssrc)},
                   {"bitrate", number(limit.bitrate.value())},
                   {"overhead", number(limit.packet_overhead)}});
  });
}

Fields fields(const SenderReport& m) {
  return {{"ssrc", number(m.ssrc)},
          {"ntp", number(m.ntp.value())},
          {"rtp_timestamp", number(m.rtp_timestamp)},
          {"packets", number(m.packet_count)},
          {"bytes", number(m.octet_count)},
          {"blocks", list(m.blocks, block_text)}};
}
Fields fields(const ReceiverReport& m) {
  return {{"ssrc", number(m.ssrc)}, {"blocks", list(m.blocks, block_text)}};
}
Fields fields(const SourceDescription& m) {
  const auto item_text = [](const SourceDescription::Item& item) {
    return object(
        {{"type", number(static_cast<unsigned>(item.type))}, {"text", core::json(item.text)}});
  };
  return {{"chunks", list(m.chunks, [&](const SourceDescription::Chunk& chunk) {
             return object({{"ssrc", number(chunk.ssrc)}, {"items", list(chunk.items, item_text)}});
           })}};
}
Fields fields(const Bye& m) {
  return {{"ssrcs", list(m.sources, number<std::uint32_t>)},
          {"reason", core::json(m.reason.value_or(""))}};
}
Fields fields(const Application& m) {
  return {{"ssrc", number(m.ssrc)},
          {"subtype", number(m.subtype)},
          {"name", core::json({m.name.data(), m.name.size()})},
          {"data", core::json(core::to_hex(m.data))}};
}
std::string extended_text(const ExtendedBlock& block) {
  return std::visit(
      core::Overloaded{
          [](const ReceiverReferenceTime& b) {
            return object({{"type", core::json("RRTR")}, {"ntp", number(b.ntp.value())}});
          },
          [](const DelaySinceLastReceiverReport& b) {
            return object(
                {{"type", core::json("DLRR")}, {"items", list(b.items, [](const auto& item) {
                                                  return object({{"ssrc", number(item.ssrc)},
                                                                 {"last_rr", number(item.last_rr)},
                                                                 {"delay", number(item.delay)}});
                                                })}});
          },
          [](const OtherBlock& b) {
            return object({{"type", number(b.type)}, {"body", core::json(core::to_hex(b.body))}});
          },
      },
      block);
}
Fields fields(const ExtendedReport& m) {
  return {{"ssrc", number(m.ssrc)}, {"blocks", list(m.blocks, extended_text)}};
}
Fields fields(const Nack& m) {
  Fields all = begin(m);
  std::vector<std::uint16_t> lost;
  m.for_each([&](std::uint16_t sequence) { lost.push_back(sequence); });
  all.push_back({"lost", list(lost, number<std::uint16_t>)});
  return all;
}
Fields fields(const TransportFeedback& m) {
  Fields all = begin(m);
  all.push_back({"base", number(m.base_sequence)});
  all.push_back({"count", number(m.feedback_count)});
  // Microseconds since the reference time, or null for a packet that did not come.
  all.push_back({"arrivals", list(m.results(), [&](const TransportFeedback::Result& result) {
                   const auto since = result.arrival - m.reference_time * m.reference_tick;
                   return result.received ? number(since.count()) : std::string{"null"};
                 })});
  return all;
}
Fields fields(const CongestionFeedback& m) {
  const auto report_text = [](const CongestionFeedback::Report& report) {
    if (!report.received) return std::string{"null"};
    return object({{"ecn", number(static_cast<unsigned>(report.ecn))},
                   {"offset", number(report.arrival_offset)}});
  };
  return {{"sender_ssrc", number(m.sender_ssrc)},
          {"timestamp", number(m.report_timestamp)},
          {"streams", list(m.streams, [&](const CongestionFeedback::Stream& stream) {
             return object({{"ssrc", number(stream.ssrc)},
                            {"begin", number(stream.begin_sequence)},
                            {"reports", list(stream.reports, report_text)}});
           })}};
}
Fields fields(const BitrateRequest& m) {
  Fields all = begin(m);
  all.push_back({"limits", limits_text(m.limits)});
  return all;
}
Fields fields(const BitrateNotification& m) {
  Fields all = begin(m);
  all.push_back({"limits", limits_text(m.limits)});
  return all;
}
Fields fields(const PictureLoss& m) { return begin(m); }
Fields fields(const SliceLoss& m) {
  Fields all = begin(m);
  all.push_back({"slices", list(m.items, [](const SliceLoss::Item& item) {
                   return object({{"first", number(item.first)},
                                  {"count", number(item.count)},
                                  {"picture_id", number(item.picture_id)}});
                 })});
  return all;
}
Fields fields(const ReferenceSelection& m) {
  Fields all = begin(m);
  all.push_back({"payload_type", number(m.payload_type)});
  all.push_back({"bits", core::json(core::to_hex(m.bits))});
  return all;
}
Fields fields(const FullIntraRequest& m) {
  Fields all = begin(m);
  all.push_back({"requests", list(m.items, [](const FullIntraRequest::Item& item) {
                   return object(
                       {{"ssrc", number(item.ssrc)}, {"sequence", number(item.sequence)}});
                 })});
  return all;
}
Fields fields(const Remb& m) {
  Fields all = begin(m);
  all.push_back({"bitrate", number(m.bitrate.value())});
  all.push_back({"ssrcs", list(m.ssrcs, number<std::uint32_t>)});
  return all;
}
Fields fields(const Unknown& m) {
  return {{"packet_type", number(m.type)},
          {"count", number(m.count)},
          {"body", core::json(core::to_hex(m.body))}};
}

}  // namespace

std::vector<Field> fields_of(const Message& message) {
  return std::visit([](const auto& m) { return fields(m); }, message);
}

}  // namespace lucid::rtp::rtcp
