#include "app/bundle_text.hpp"

#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/beast/zlib/inflate_stream.hpp>

namespace lucid::app {

namespace {

namespace zlib = boost::beast::zlib;

constexpr std::string_view prefix = "lucid:";
constexpr std::size_t most_text = std::size_t{256} * 1024;
constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string without_spaces(std::string_view text) {
  std::string out{text};
  // A line that was copied from a narrow terminal has been broken.
  std::erase_if(out, [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; });
  return out;
}

}  // namespace

std::string to_base64url(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char byte : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    for (count += 8; count >= 6; count -= 6) out += alphabet[bits >> (count - 6) & 63];
  }
  if (count > 0) out += alphabet[bits << (6 - count) & 63];
  return out;
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

std::string deflated(std::string_view bytes) {
  zlib::deflate_stream stream;
  stream.reset(9, 15, 9, zlib::Strategy::normal);
  std::string out(stream.upper_bound(bytes.size()) + 16, '\0');
  zlib::z_params params{};
  params.next_in = bytes.data();
  params.avail_in = bytes.size();
  params.next_out = out.data();
  params.avail_out = out.size();
  boost::system::error_code error;
  stream.write(params, zlib::Flush::finish, error);
  out.resize(params.total_out);
  return out;
}

std::optional<std::string> inflated(std::string_view bytes, std::size_t most) {
  zlib::inflate_stream stream;
  std::string out(most, '\0');
  zlib::z_params params{};
  params.next_in = bytes.data();
  params.avail_in = bytes.size();
  params.next_out = out.data();
  params.avail_out = out.size();
  boost::system::error_code error;
  stream.write(params, zlib::Flush::sync, error);
  if (error != zlib::error::end_of_stream) return std::nullopt;
  out.resize(params.total_out);
  return out;
}

json to_json(const Bundle& bundle) {
  json candidates = json::array();
  for (const peer::IceCandidate& candidate : bundle.candidates) {
    candidates.push_back(to_json(candidate));
  }
  return {{"sdp", to_json(bundle.description)}, {"candidates", std::move(candidates)}};
}

std::string to_line(const Bundle& bundle) {
  return std::string{prefix} + to_base64url(deflated(dump(to_json(bundle))));
}

std::expected<Bundle, std::string> parse_bundle(std::string_view text) {
  std::string plain{text};
  if (const std::string line = without_spaces(text); line.starts_with(prefix)) {
    const auto bytes = from_base64url(std::string_view{line}.substr(prefix.size()));
    const auto unpacked = bytes ? inflated(*bytes, most_text) : std::nullopt;
    if (!unpacked) {
      return std::unexpected("this line is damaged or incomplete; copy all of it");
    }
    plain = *unpacked;
  }
  const json it = json::parse(plain, nullptr, false);
  if (!it.is_object()) {
    return std::unexpected("this is no bundle: neither JSON nor a line that begins with lucid:");
  }
  // {sdp:{type,sdp}, candidates}; a description by itself will do.
  const json sdp = it.value("sdp", json{});
  const auto description = description_of(sdp.is_object() ? sdp : it);
  if (!description) {
    return std::unexpected("there is no description in it: {\"sdp\":{\"type\":...,\"sdp\":...}}");
  }
  Bundle bundle{*description, {}};
  for (const json& each : it.value("candidates", json::array())) {
    if (auto candidate = candidate_of(each)) bundle.candidates.push_back(std::move(*candidate));
  }
  return bundle;
}

}  // namespace lucid::app
