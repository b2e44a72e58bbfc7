#include <charconv>

#include "peer/recording.hpp"

// Inputs of a recording: how each is written as words, and done again.
namespace lucid::peer::detail {
namespace {

// The words of one input, read in turn; a word that is missing or malformed reads as zero or empty.
class Words {
 public:
  explicit Words(const std::vector<std::string>& fields) : fields_{fields} {}

  bool more() const { return next_ < fields_.size(); }
  std::string text() { return more() ? fields_[next_++] : std::string{}; }
  std::uint32_t number() {
    const std::string word = text();
    std::uint32_t value = 0;
    std::from_chars(word.data(), word.data() + word.size(), value);
    return value;
  }
  template <class Id>
  Id id() {
    return Id{number()};
  }
  core::Path path() {
    core::Path made;
    made.transport = static_cast<core::Transport>(number());
    made.local = address();
    made.remote = address();
    return made;
  }
  core::PathError error() { return static_cast<core::PathError>(number()); }
  core::Address address() { return core::Address::parse(text()).value_or(core::Address{}); }
  std::vector<std::uint8_t> bytes() {
    return core::from_hex(text()).value_or(std::vector<std::uint8_t>{});
  }
  // "-" or, after '=', the text.
  std::optional<std::string> optional_text() {
    const std::string word = text();
    return word.starts_with('=') ? std::optional{word.substr(1)} : std::nullopt;
  }
  std::optional<std::uint16_t> optional_number() {
    const auto word = optional_text();
    return word ? std::optional{static_cast<std::uint16_t>(std::atoi(word->c_str()))}
                : std::nullopt;
  }

 private:
  const std::vector<std::string>& fields_;
  std::size_t next_ = 0;
};

std::string optional_word(const std::optional<std::string>& text) {
  return text ? "=" + *text : "-";
}
std::string optional_word(std::optional<std::uint16_t> number) {
  return number ? "=" + std::to_string(*number) : "-";
}

std::string number_word(auto value) { return std::to_string(static_cast<std::uint32_t>(value)); }

DataChannelInit channel_init(Words& words) {
  DataChannelInit init;
  init.ordered = words.number() != 0;
  init.max_packet_life_time = words.optional_number();
  init.max_retransmits = words.optional_number();
  init.protocol = words.text();
  init.negotiated = words.number() != 0;
  init.id = words.optional_number();
  return init;
}

std::optional<IceCandidate> candidate(Words& words) {
  if (!words.more()) return std::nullopt;
  IceCandidate made;
  made.candidate = words.text();
  made.sdp_mid = words.optional_text();
  made.sdp_m_line_index = words.optional_number();
  made.username_fragment = words.optional_text();
  return made;
}

std::vector<core::Interface> interface_list(Words& words) {
  std::vector<core::Interface> list;
  while (words.more()) {
    core::Interface made;
    made.name = words.text();
    made.index = words.number();
    made.type = static_cast<core::NetworkType>(words.number());
    made.ip = core::Ip::parse(words.text()).value_or(core::Ip{});
    list.push_back(std::move(made));
  }
  return list;
}

core::Datagram datagram(Words& words, core::Pool& pool) {
  core::Datagram made;
  made.path = words.path();
  made.ecn = static_cast<core::Ecn>(words.number());
  made.bytes = pool.copy(words.bytes());
  return made;
}

Configuration configuration(Words& words, Configuration made) {
  made.ice_transport_policy = static_cast<IceTransportPolicy>(words.number());
  made.bundle_policy = static_cast<BundlePolicy>(words.number());
  made.ice_candidate_pool_size = static_cast<std::uint8_t>(words.number());
  made.max_message_size = words.number();
  made.gather_loopback = words.number() != 0;
  made.gather_tcp = words.number() != 0;
  made.host_names = static_cast<ice::HostNames>(words.number());
  made.ice_servers.clear();
  while (words.more()) {
    IceServer server;
    server.username = words.text();
    server.credential = words.text();
    for (auto left = words.number(); left > 0 && words.more(); --left) {
      server.urls.push_back(words.text());
    }
    made.ice_servers.push_back(std::move(server));
  }
  return made;
}

struct Act {
  Performer& by;
  Words& words;
  core::Time now;
  core::Pool& pool;

  PeerConnection& pc() const { return by.connection; }
  DataChannel channel() const { return by.channels[words.number()]; }
};
using Action = Result<void> (*)(const Act&);

Result<void> set_configuration(const Act& act) {
  return act.pc().set_configuration(configuration(act.words, act.pc().get_configuration()),
                                    act.now);
}
Result<void> create_data_channel(const Act& act) {
  std::string label = act.words.text();
  auto made = act.pc().create_data_channel(std::move(label), act.now, channel_init(act.words));
  if (!made) return std::unexpected(made.error());
  act.by.channels[made->key()] = *made;
  return {};
}
Result<void> set_remote_description(const Act& act) {
  const auto type = sdp_type_from_string(act.words.text());
  return act.pc().set_remote_description({type.value_or(SdpType::offer), act.words.text()},
                                         act.now);
}
Result<void> send_text(const Act& act) {
  DataChannel to = act.channel();
  return to.send(act.words.text(), act.now);
}
Result<void> send_binary(const Act& act) {
  DataChannel to = act.channel();
  return to.send(core::Bytes{act.words.bytes()}, act.now);
}
Result<void> resolved_names(const Act& act) {
  const auto id = act.words.id<core::ResolveId>();
  std::vector<core::Ip> list;
  while (act.words.more()) {
    list.push_back(core::Ip::parse(act.words.text()).value_or(core::Ip{}));
  }
  act.pc().resolved(id, list, act.now);
  return {};
}
// An action that cannot be refused.
template <auto act_out>
Result<void> always(const Act& act) {
  act_out(act);
  return {};
}

constexpr std::pair<std::string_view, Action> actions[]{
    {"datagram",
     always<[](const Act& a) { a.pc().handle_datagram(datagram(a.words, a.pool), a.now); }>},
    {"timeout", always<[](const Act& a) { a.pc().handle_timeout(a.now); }>},
    {"interfaces", always<[](const Act& a) { a.pc().interfaces(interface_list(a.words), a.now); }>},
    {"bound", always<[](const Act& a) {
       const auto id = a.words.id<core::SocketId>();
       a.pc().bound(id, a.words.address(), a.now);
     }>},
    {"bind_failed", always<[](const Act& a) {
       const auto id = a.words.id<core::SocketId>();
       a.pc().bind_failed(id, a.words.error(), a.now);
     }>},
    {"opened", always<[](const Act& a) {
       const auto id = a.words.id<core::StreamId>();
       a.pc().opened(id, a.words.path(), a.now);
     }>},
    {"listening", always<[](const Act& a) {
       const auto id = a.words.id<core::StreamId>();
       a.pc().listening(id, a.words.address(), a.now);
     }>},
    {"closed", always<[](const Act& a) {
       const auto id = a.words.id<core::StreamId>();
       a.pc().closed(id, a.words.error(), a.now);
     }>},
    {"path_error", always<[](const Act& a) {
       const auto path = a.words.path();
       a.pc().path_error(path, a.words.error(), a.now);
     }>},
    {"resolved", resolved_names},
    {"set_configuration", set_configuration},
    {"create_data_channel", create_data_channel},
    {"set_local_description", [](const Act& a) { return a.pc().set_local_description(a.now); }},
    {"set_remote_description", set_remote_description},
    {"add_ice_candidate",
     [](const Act& a) { return a.pc().add_ice_candidate(candidate(a.words), a.now); }},
    {"send", send_text},
    {"send_binary", send_binary},
    {"close_channel", always<[](const Act& a) { a.channel().close(a.now); }>},
    {"roll_back",
     [](const Act& a) { return a.pc().set_local_description({SdpType::rollback, ""}, a.now); }},
    {"restart_ice", always<[](const Act& a) { a.pc().restart_ice(); }>},
    {"close", always<[](const Act& a) { a.pc().close(a.now); }>},
};

auto unknown_input(const std::string& what) {
  return refuse(ErrorName::not_supported_error,
                "A recording holds \"" + what + "\", which this version does not know.");
}

}  // namespace

RecordedInput recorded(const core::Datagram& it, core::Time now) {
  auto fields = fields_of(it.path);
  fields.push_back(number_word(it.ecn));
  fields.push_back(core::to_hex(it.bytes));
  return {now, "datagram", std::move(fields)};
}

RecordedInput recorded(std::span<const core::Interface> list, core::Time now) {
  RecordedInput input{now, "interfaces", {}};
  for (const core::Interface& each : list) {
    input.fields.push_back(each.name);
    input.fields.push_back(std::to_string(each.index));
    input.fields.push_back(std::to_string(static_cast<int>(each.type)));
    input.fields.push_back(each.ip.text());
  }
  return input;
}

RecordedInput recorded(core::ResolveId id, std::span<const core::Ip> list, core::Time now) {
  RecordedInput input{now, "resolved", {std::to_string(static_cast<std::uint32_t>(id))}};
  for (const core::Ip& each : list) input.fields.push_back(each.text());
  return input;
}

std::vector<std::string> fields_of(const core::Path& path) {
  return {number_word(path.transport), path.local.text(), path.remote.text()};
}

std::vector<std::string> fields_of(const Configuration& it) {
  std::vector<std::string> fields{number_word(it.ice_transport_policy),
                                  number_word(it.bundle_policy),
                                  number_word(it.ice_candidate_pool_size),
                                  number_word(it.max_message_size),
                                  number_word(it.gather_loopback),
                                  number_word(it.gather_tcp),
                                  number_word(it.host_names)};
  for (const IceServer& server : it.ice_servers) {
    fields.insert(fields.end(),
                  {server.username, server.credential, number_word(server.urls.size())});
    fields.insert(fields.end(), server.urls.begin(), server.urls.end());
  }
  return fields;
}

std::vector<std::string> fields_of(const DataChannelInit& init) {
  return {init.ordered ? "1" : "0",
          optional_word(init.max_packet_life_time),
          optional_word(init.max_retransmits),
          init.protocol,
          init.negotiated ? "1" : "0",
          optional_word(init.id)};
}

std::vector<std::string> fields_of(const std::optional<IceCandidate>& it) {
  if (!it) return {};
  return {it->candidate, optional_word(it->sdp_mid), optional_word(it->sdp_m_line_index),
          optional_word(it->username_fragment)};
}

std::size_t count_of(const RecordedInput& input) { return Words{input.fields}.number(); }

std::optional<Event> Performer::poll_event() {
  auto event = connection.poll_event();
  if (!event) return event;
  if (const auto* it = std::get_if<events::DataChannelAnnounced>(&*event)) {
    channels[it->channel.key()] = it->channel;
  }
  return event;
}

Result<void> Performer::perform(const RecordedInput& input, core::Pool& pool) {
  Words words{input.fields};
  for (const auto& [name, act] : actions) {
    if (name == input.what) return act({*this, words, input.time, pool});
  }
  return unknown_input(input.what);
}

}  // namespace lucid::peer::detail
