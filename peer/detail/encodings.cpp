#include <algorithm>
#include <span>

#include "peer/detail/codecs.hpp"
#include "peer/detail/encodings.hpp"

namespace lucid::peer::detail {
namespace {

constexpr std::size_t longest_rid = 16;  // RFC 8852 3: what fits a one-byte header extension

bool is_rid(const std::string& rid) {
  // RFC 8851 10, RFC 8852 3: letters and digits alone, as "-" and "_" may not be in the extension.
  return !rid.empty() && rid.size() <= longest_rid && std::ranges::all_of(rid, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

Result<void> check_rids(const std::vector<RtpEncoding>& encodings) {
  const auto named =
      std::ranges::count_if(encodings, [](const auto& each) { return !each.rid.empty(); });
  const bool mixed = named != 0 && static_cast<std::size_t>(named) != encodings.size();
  if (mixed || (named == 0 && encodings.size() > 1)) {
    return refuse(ErrorName::type_error,
                  "Either every encoding has a rid or, if it is alone, none.");
  }
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    if (encodings[i].rid.empty()) continue;
    if (!is_rid(encodings[i].rid)) {
      return refuse(ErrorName::type_error,
                    "The rid \"" + encodings[i].rid + "\" is not of 1 to 16 letters and digits.");
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (encodings[k].rid != encodings[i].rid) continue;
      return refuse(ErrorName::type_error, "The rid " + encodings[i].rid + " is there twice.");
    }
  }
  return {};
}

Result<void> check_numbers(const std::vector<RtpEncoding>& encodings, core::MediaKind kind,
                           std::span<const RtpCodec> supported) {
  for (const RtpEncoding& each : encodings) {
    if (each.scale_resolution_down_by && *each.scale_resolution_down_by < 1.0) {
      return refuse(ErrorName::range_error, "scale_resolution_down_by must be 1 or more.");
    }
    if (each.max_framerate && *each.max_framerate < 0) {
      return refuse(ErrorName::range_error, "max_framerate must not be negative.");
    }
    // W3C webrtc-svc 5.1.1
    if (!each.scalability_mode.empty() && !parse_scalability_mode(each.scalability_mode)) {
      return refuse(ErrorName::operation_error, "The scalability mode " + each.scalability_mode +
                                                    " is unknown; L1T1 to L3T3_KEY are.");
    }
    if (!each.codec) continue;
    const bool known = std::ranges::any_of(supported, [&](const RtpCodec& codec) {
      return is_kind(codec, kind) && same_codec(codec, *each.codec);
    });
    if (!known) {
      return refuse(ErrorName::operation_error,
                    "The codec " + each.codec->mime_type + " is none that can be sent here.");
    }
  }
  return {};
}

}  // namespace

std::optional<Layers> parse_scalability_mode(std::string_view mode) {
  if (mode.size() < 4 || (mode[0] != 'L' && mode[0] != 'S') || mode[2] != 'T') return std::nullopt;
  const auto digit = [](char c) { return c >= '1' && c <= '3'; };
  const std::string_view rest = mode.substr(4);
  if (!digit(mode[1]) || !digit(mode[3])) return std::nullopt;
  if (!rest.empty() && rest != "h" && rest != "_KEY" && rest != "_KEY_SHIFT") return std::nullopt;
  return Layers{static_cast<std::uint8_t>(mode[1] - '0'), static_cast<std::uint8_t>(mode[3] - '0')};
}

Result<std::vector<RtpEncoding>> check_encodings(std::vector<RtpEncoding> encodings,
                                                 core::MediaKind kind,
                                                 std::span<const RtpCodec> supported) {
  if (auto fine = check_rids(encodings); !fine) return std::unexpected(fine.error());
  if (auto fine = check_numbers(encodings, kind, supported); !fine) {
    return std::unexpected(fine.error());
  }
  if (encodings.empty()) encodings.emplace_back();
  if (kind == core::MediaKind::audio) {
    for (RtpEncoding& each : encodings) {
      each.scale_resolution_down_by.reset();
      each.max_framerate.reset();
    }
    encodings.resize(1);
  } else if (std::ranges::none_of(
                 encodings, [](const auto& e) { return e.scale_resolution_down_by.has_value(); })) {
    // W3C: the last encoding is full size, and each before it half of the next.
    double scale = 1;
    for (auto it = encodings.rbegin(); it != encodings.rend(); ++it, scale *= 2) {
      it->scale_resolution_down_by = scale;
    }
  } else {
    for (RtpEncoding& each : encodings) {
      if (!each.scale_resolution_down_by) each.scale_resolution_down_by = 1;
    }
  }
  if (encodings.size() == 1) encodings.front().rid.clear();
  return encodings;
}

Result<void> check_parameters(const RtpSendParameters& next,
                              const std::vector<RtpEncoding>& current, core::MediaKind kind,
                              std::span<const RtpCodec> supported) {
  const auto same_rid = [](const RtpEncoding& a, const RtpEncoding& b) { return a.rid == b.rid; };
  if (!std::ranges::equal(next.encodings, current, same_rid)) {
    return refuse(ErrorName::invalid_modification_error,
                  "The number, order and rids of encodings are those of add_transceiver.");
  }
  return check_numbers(next.encodings, kind, supported);
}

}  // namespace lucid::peer::detail
