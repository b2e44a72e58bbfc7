#include "sdp/section.hpp"

#include <array>
#include <string>

#include "sdp/transport.hpp"

namespace lucid::sdp {
namespace {

// RFC 8866 5: the order of lines; within a level attributes come last, and what is unknown with
// them.
constexpr std::string_view line_order = "vmosiuepcbtrzk";

std::size_t rank(const Line& line) {
  return std::min(line_order.find(line.type()), line_order.size());
}

// Nothing that a value holds may end its line.
void append_without_line_ends(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c != '\r' && c != '\n' && c != '\0') out.push_back(c);
  }
}

constexpr std::array directions{Direction::sendrecv, Direction::sendonly, Direction::recvonly,
                                Direction::inactive};

}  // namespace

std::string_view to_string(Direction direction) {
  switch (direction) {
    case Direction::inactive:
      return "inactive";
    case Direction::recvonly:
      return "recvonly";
    case Direction::sendonly:
      return "sendonly";
    case Direction::sendrecv:
      return "sendrecv";
  }
  return "";
}

std::optional<Direction> direction_from_name(std::string_view name) {
  for (const Direction direction : directions) {
    if (name == to_string(direction)) return direction;
  }
  return std::nullopt;
}

std::string_view Line::key() const {
  const std::string_view all{text};
  if (all.size() < 2 || all[1] != '=') return {};
  if (all[0] != 'a') return all.substr(0, 2);
  std::string_view key = all.substr(0, all.find(':'));
  while (key.ends_with(' ')) key.remove_suffix(1);
  return key;
}

std::string_view Line::value() const {
  const std::string_view all{text};
  if (all.size() < 2) return {};
  if (all[0] != 'a') return all.substr(2);
  const std::size_t colon = all.find(':');
  return colon == std::string_view::npos ? std::string_view{} : all.substr(colon + 1);
}

std::uint32_t Line::column(std::size_t offset) const {
  const std::string_view in = value();
  const std::size_t start =
      in.data() == nullptr ? text.size() : static_cast<std::size_t>(in.data() - text.data());
  return static_cast<std::uint32_t>(start + offset + 1);
}

std::optional<std::string_view> Section::attribute(std::string_view name) const {
  const Line* line = find_attribute(name);
  if (line == nullptr) return std::nullopt;
  return line->value();
}

void Section::add_attribute(std::string_view name, std::string_view value) {
  insert(make_line(std::string{"a="}.append(name), value));
}

void Section::erase_attribute(std::string_view name) { erase_key(std::string{"a="}.append(name)); }

std::optional<Direction> Section::direction() const {
  for (const Line& line : lines_) {
    if (line.type() != 'a') continue;
    if (const auto direction = direction_from_name(line.key().substr(2))) return direction;
  }
  return std::nullopt;
}

void Section::set_direction(Direction direction) {
  bool placed = false;
  std::erase_if(lines_, [&](Line& line) {
    if (line.type() != 'a' || !direction_from_name(line.key().substr(2))) return false;
    if (placed) return true;
    line.text = std::string{"a="}.append(to_string(direction));
    placed = true;
    return false;
  });
  if (!placed) add_attribute(to_string(direction));
}

const Line* Section::find_line(std::string_view key) const {
  const auto found = std::ranges::find(lines_, key, &Line::key);
  return found == lines_.end() ? nullptr : &*found;
}

const Line* Section::find_attribute(std::string_view name) const {
  for (const Line& line : lines_) {
    if (line.type() == 'a' && line.key().substr(2) == name) return &line;
  }
  return nullptr;
}

Line Section::make_line(std::string_view key, std::string_view value) {
  Line line;
  append_without_line_ends(line.text, key);
  if (line.type() == 'a' && !value.empty()) line.text.push_back(':');
  append_without_line_ends(line.text, value);
  return line;
}

void Section::append(Line line) {
  const bool names = mid_.empty() && line.key() == Mid::key;
  lines_.push_back(std::move(line));
  if (names) note_mid();
}

void Section::note_mid() {
  auto mid = find<Mid>();
  mid_ = mid ? std::move(mid->id) : std::string{};
}

void Section::insert(Line line) {
  const bool names = line.key() == Mid::key;
  const auto after = std::ranges::find_if(
      lines_.rbegin(), lines_.rend(), [&](const Line& other) { return rank(other) <= rank(line); });
  lines_.insert(after.base(), std::move(line));
  if (names) note_mid();
}

void Section::replace(Line line) {
  bool placed = false;
  const std::string key{line.key()};
  std::erase_if(lines_, [&](Line& other) {
    if (other.key() != key) return false;
    if (placed) return true;
    other.text = line.text;
    placed = true;
    return false;
  });
  if (!placed) return insert(std::move(line));
  if (key == Mid::key) note_mid();
}

void Section::erase_key(std::string_view key) {
  erase_lines([&](const Line& line) { return line.key() == key; });
}

}  // namespace lucid::sdp
