#include "app/channels.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace lucid::app {

namespace {

constexpr std::size_t chunk_size = std::size_t{16} * 1024;
constexpr std::size_t most_buffered = std::size_t{1} << 20;
constexpr const char* chat_label = "chat";
constexpr const char* file_label = "file";
constexpr const char* statistics_label = "stats";
constexpr std::size_t most_statistics = std::size_t{64} * 1024;  // waiting; more is left out

// The name is foreign: no folders, nothing hidden.
std::string safe_name(std::string name) {
  if (const auto slash = name.find_last_of("/\\"); slash != std::string::npos) {
    name.erase(0, slash + 1);
  }
  std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  while (name.starts_with('.')) name.erase(0, 1);
  name.resize(std::min<std::size_t>(name.size(), 200));
  return name.empty() ? "file" : name;
}

// A name in the directory that nothing has yet.
std::string free_path(const std::string& directory, const std::string& name) {
  const std::filesystem::path wanted{name};
  std::filesystem::path path = std::filesystem::path{directory} / wanted;
  for (int number = 1; std::filesystem::exists(path); ++number) {
    path.replace_filename(wanted.stem().string() + "-" + std::to_string(number) +
                          wanted.extension().string());
  }
  return path.string();
}

}  // namespace

Channels::Channels(peer::PeerConnection& connection, std::string directory, Tell tell)
    : connection_{connection}, directory_{std::move(directory)}, tell_{std::move(tell)} {}

void Channels::open_chat(core::Time now) {
  if (auto made = connection_.create_data_channel(chat_label, now)) chat_ = *made;
}

bool Channels::say(const std::string& text, core::Time now) {
  return chat_.ready_state() == peer::DataChannelState::open && chat_.send(text, now).has_value();
}

std::expected<void, std::string> Channels::send_file(const std::string& path, core::Time now) {
  std::error_code trouble;
  if (!std::filesystem::is_regular_file(path, trouble)) {
    return std::unexpected("there is no file '" + path + "'");
  }
  Outgoing file{.name = std::filesystem::path{path}.filename().string(),
                .size = std::filesystem::file_size(path, trouble),
                .file = File{std::fopen(path.c_str(), "rb")}};
  if (!file.file || trouble) {
    return std::unexpected("'" + path + "' cannot be read: " + std::strerror(errno));
  }
  auto channel = connection_.create_data_channel(file_label, now);
  if (!channel) return std::unexpected(channel.error().text());
  outgoing_.emplace(channel->key(), std::move(file));
  return {};
}

void Channels::announced(peer::DataChannel channel) {
  if (channel.label() == file_label) {
    incoming_.try_emplace(channel.key());
  } else if (channel.label() == statistics_label) {
    statistics_.push_back(channel);
  } else if (chat_.ready_state() != peer::DataChannelState::open) {
    chat_ = channel;  // whatever it is called: pages made by others have names of their own
  }
}

void Channels::tell_statistics(const std::string& report, core::Time now) {
  std::erase_if(statistics_, [](const peer::DataChannel& it) {
    return it.ready_state() != peer::DataChannelState::open;
  });
  for (peer::DataChannel& channel : statistics_) {
    if (channel.buffered_amount() < most_statistics) (void)channel.send(report, now);
  }
}

void Channels::opened(peer::DataChannel channel, core::Time now) {
  const auto found = outgoing_.find(channel.key());
  if (found == outgoing_.end()) return;
  const Outgoing& file = found->second;
  channel.set_buffered_amount_low_threshold(most_buffered / 4);
  (void)channel.send(dump({{"name", file.name}, {"size", file.size}, {"type", ""}}), now);
  fill(channel, found->second, now);
}

void Channels::drained(peer::DataChannel channel, core::Time now) {
  if (const auto found = outgoing_.find(channel.key()); found != outgoing_.end()) {
    fill(channel, found->second, now);
  }
}

void Channels::fill(peer::DataChannel channel, Outgoing& file, core::Time now) {
  std::array<std::uint8_t, chunk_size> chunk;
  while (file.sent < file.size && channel.buffered_amount() < most_buffered) {
    const std::size_t read = std::fread(chunk.data(), 1, chunk.size(), file.file.get());
    if (read == 0 || !channel.send(core::Bytes{chunk.data(), read}, now)) {
      channel.close(now);
      return;
    }
    file.sent += read;
  }
}

void Channels::message(peer::DataChannel channel, const peer::DataMessage& message,
                       core::Time now) {
  if (const auto out = outgoing_.find(channel.key()); out != outgoing_.end()) {
    return answered(channel, out->second, message, now);
  }
  if (const auto in = incoming_.find(channel.key()); in != incoming_.end()) {
    return receive(channel, in->second, message, now);
  }
  if (message.binary) return;
  chat_ = channel;
  tell_({{"event", "chat"}, {"text", std::string{message.text()}}, {"over", channel.label()}});
}

void Channels::answered(peer::DataChannel channel, Outgoing& file, const peer::DataMessage& message,
                        core::Time now) {
  // A peer that echoes everything has received it too, once it has all come back.
  if (message.binary) file.echoed += message.data.bytes().size();
  const json said = message.binary ? json{} : json::parse(message.text(), nullptr, false);
  const auto received = said.is_object() ? said.find("received") : said.end();
  const bool done = (received != said.end() && *received == json(file.size)) ||
                    (file.size > 0 && file.echoed == file.size);
  if (!done) return;
  tell_({{"event", "file"}, {"state", "sent"}, {"name", file.name}, {"size", file.size}});
  outgoing_.erase(channel.key());
  channel.close(now);
}

bool Channels::begin(Incoming& file, std::string_view header) {
  const json said = json::parse(header, nullptr, false);
  if (!said.is_object() || !said.value("size", json{}).is_number_unsigned()) return false;
  file.name = safe_name(text_of(said, "name"));
  file.size = said.at("size").get<std::uint64_t>();
  if (directory_.empty()) {
    tell_({{"event", "file"},
           {"state", "refused"},
           {"name", file.name},
           {"size", file.size},
           {"message", "no place to put it: --download DIRECTORY gives one"}});
    return false;
  }
  file.path = free_path(directory_, file.name);
  file.file.reset(std::fopen(file.path.c_str(), "wbx"));
  if (!file.file) {
    tell_({{"event", "file"},
           {"state", "refused"},
           {"name", file.name},
           {"size", file.size},
           {"message", file.path + " cannot be written: " + std::strerror(errno)}});
  }
  return file.file != nullptr;
}

// Half a file is none.
void Channels::discard(Incoming& file) {
  if (!std::exchange(file.file, nullptr)) return;
  std::error_code trouble;
  std::filesystem::remove(file.path, trouble);
}

void Channels::receive(peer::DataChannel channel, Incoming& file, const peer::DataMessage& message,
                       core::Time now) {
  bool good = true;
  if (file.name.empty()) {
    good = !message.binary && begin(file, message.text());
  } else if (message.binary) {
    const core::Bytes bytes = message.data.bytes();
    file.received += bytes.size();
    good = file.received <= file.size &&
           std::fwrite(bytes.data(), 1, bytes.size(), file.file.get()) == bytes.size();
  }
  if (!good) {
    discard(file);
    incoming_.erase(channel.key());
    return channel.close(now);
  }
  if (file.received < file.size) return;
  file.file.reset();
  (void)channel.send(dump({{"received", file.received}}), now);
  tell_({{"event", "file"},
         {"state", "received"},
         {"name", file.name},
         {"size", file.size},
         {"path", file.path}});
  incoming_.erase(channel.key());
}

void Channels::closed(peer::DataChannel channel) {
  const auto out = outgoing_.find(channel.key());
  const auto in = incoming_.find(channel.key());
  if (out != outgoing_.end()) {
    tell_({{"event", "file"},
           {"state", "not sent"},
           {"name", out->second.name},
           {"size", out->second.size},
           {"message", "the other side closed the channel"}});
    outgoing_.erase(out);
  } else if (in != incoming_.end()) {
    if (!in->second.name.empty()) {
      tell_({{"event", "file"},
             {"state", "not received"},
             {"name", in->second.name},
             {"size", in->second.size},
             {"message", "the other side closed the channel"}});
    }
    discard(in->second);
    incoming_.erase(in);
  }
}

}  // namespace lucid::app
