#include "net/mdns.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace lucid::net {

namespace {

using namespace std::chrono_literals;

constexpr core::Duration first_repeat = 1s;  // RFC 6762 5.2: at least one second, then twice that
constexpr core::Duration longest_repeat = 4s;
constexpr core::Duration give_up_after = 5s;
constexpr core::Duration announce_again = 1s;  // RFC 6762 8.3: twice, one second apart
constexpr std::uint32_t host_ttl = 120;        // RFC 6762 10: for records that hold an address
constexpr std::uint32_t legacy_ttl = 10;       // RFC 6762 6.7: old resolvers keep no coherence

MdnsRecord address_record(const std::string& name, const core::Ip& ip, std::uint32_t ttl) {
  MdnsRecord record;
  record.name = name;
  record.type = ip.family() == core::Family::v4 ? RecordType::a : RecordType::aaaa;
  record.ip = ip;
  record.ttl = std::chrono::duration<std::uint32_t>{ttl};
  return record;
}

MdnsRecord nothing_else(MdnsRecord record) {
  record.type = RecordType::nsec;
  return record;
}

// RFC 6762 7.1: an asker that lists the answer, good for at least half its time, needs none.
bool known(const MdnsMessage& query, const MdnsRecord& record) {
  return std::ranges::any_of(query.answers, [&](const MdnsRecord& one) {
    return one.type == record.type && one.ip == record.ip &&
           core::equal_ignoring_case(one.name, record.name) && one.ttl * 2 >= record.ttl;
  });
}

// Answers one question by the name's one address record; false when that is not needed.
bool add_answer(const MdnsMessage& query, const MdnsQuestion& question, MdnsRecord record,
                MdnsMessage& answer) {
  const bool asked = question.type == record.type || question.type == RecordType::any;
  // A question that stands there twice has its answer already.
  if (asked ? known(query, record) || known(answer, record) : !answer.answers.empty()) return false;
  // RFC 6762 6.1: that there is no address of the other family saves the asker from waiting.
  if (asked) answer.answers.push_back(record);
  (asked ? answer.additional : answer.answers).push_back(nothing_else(std::move(record)));
  return true;
}

}  // namespace

core::Address Mdns::group(core::Family family) {
  if (family == core::Family::v4) return {core::Ip::v4(0xE00000FB), port};
  return {*core::Ip::parse("ff02::fb"), port};
}

Mdns::Mdns(core::Context context) : pool_{context.pool} {}

void Mdns::resolve(core::ResolveId id, std::string name, core::Time now) {
  Query query{id, std::move(name), now + give_up_after, {}};
  query.again.start(now, first_repeat);
  ask(query);
  queries_.push_back(std::move(query));
}

void Mdns::cancel(core::ResolveId id) {
  std::erase_if(queries_, [&](const Query& one) { return one.id == id; });
}

void Mdns::publish(std::string name, core::Ip ip, core::Time now) {
  Published one{std::move(name), ip, {}};
  one.announce_again.start(now, announce_again);
  announce(one, host_ttl);
  published_.push_back(std::move(one));
}

void Mdns::withdraw(std::string_view name, core::Time) {
  std::erase_if(published_, [&](const Published& one) {
    if (!core::equal_ignoring_case(one.name, name)) return false;
    announce(one, 0);  // RFC 6762 10.1: a goodbye
    return true;
  });
}

void Mdns::handle_datagram(core::Datagram in, core::Time) {
  const auto message = MdnsMessage::parse(in.bytes);
  if (!message) {
    ++stats_.dropped_malformed;
  } else if (message->kind == MdnsMessage::Kind::query) {
    answer(*message, in.path);
  } else if (in.path.remote.port != port) {
    // RFC 6762 6: a response that does not come from port 5353 is not of this protocol.
    ++stats_.dropped_wrong_port;
  } else {
    learn(*message);
  }
}

void Mdns::handle_timeout(core::Time now) {
  std::erase_if(queries_, [&](Query& one) {
    if (one.give_up > now) return false;
    events_.push_back(Resolved{one.id, {}});
    return true;
  });
  for (Query& one : queries_) {
    if (!one.again.expire(now)) continue;
    ask(one);
    one.again.back_off(now, longest_repeat);
  }
  for (Published& one : published_) {
    if (one.announce_again.expire(now)) announce(one, host_ttl);
  }
}

std::optional<core::Time> Mdns::next_timeout() const {
  std::optional<core::Time> next;
  for (const Query& one : queries_) {
    next = core::earliest(next, core::earliest(one.give_up, one.again.deadline()));
  }
  for (const Published& one : published_) {
    next = core::earliest(next, one.announce_again.deadline());
  }
  return next;
}

void Mdns::ask(const Query& query) {
  MdnsMessage message;
  // RFC 6762 15.1: a browser on this host may share the port, and unicast answers reach only one of
  // us; so they are not asked for.
  message.questions = {{query.name, RecordType::a}, {query.name, RecordType::aaaa}};
  ++stats_.queries_sent;
  send_everywhere(message);
}

void Mdns::answer(const MdnsMessage& query, const core::Path& path) {
  // RFC 6762 6.7: whoever asks from another port is a plain resolver; it gets its question back.
  const bool legacy = path.remote.port != port;
  MdnsMessage message;
  message.kind = MdnsMessage::Kind::response;
  bool unicast = legacy;
  for (const MdnsQuestion& question : query.questions) {
    for (const Published& one : published_) {
      if (!core::equal_ignoring_case(one.name, question.name)) continue;
      MdnsRecord record = address_record(one.name, one.ip, legacy ? legacy_ttl : host_ttl);
      record.flush = !legacy;
      if (!add_answer(query, question, std::move(record), message)) continue;
      unicast = unicast || question.unicast;
      if (legacy) message.questions.push_back(question);
    }
  }
  if (message.answers.empty()) return;
  if (legacy) message.id = query.id;
  ++stats_.answers_sent;
  core::Path back = path;
  back.local.port = port;
  if (!unicast) back.remote = group(path.remote.family());
  send(message, back);
}

void Mdns::learn(const MdnsMessage& response) {
  std::erase_if(queries_, [&](const Query& query) {
    Resolved resolved{query.id, {}};
    for (const auto* list : {&response.answers, &response.additional}) {
      for (const MdnsRecord& one : *list) {
        if (one.ttl.count() > 0 && core::equal_ignoring_case(one.name, query.name)) {
          resolved.addresses.push_back(one.ip);
        }
      }
    }
    if (resolved.addresses.empty()) return false;
    events_.push_back(std::move(resolved));
    return true;
  });
}

void Mdns::announce(const Published& one, std::uint32_t ttl) {
  MdnsMessage message;
  message.kind = MdnsMessage::Kind::response;
  message.answers = {address_record(one.name, one.ip, ttl)};
  send_everywhere(message);
}

void Mdns::send_everywhere(const MdnsMessage& message) {
  for (const core::Ip& ip : addresses_) {
    send(message, {core::Transport::udp, {ip, port}, group(ip.family())});
  }
}

void Mdns::send(const MdnsMessage& message, const core::Path& path) {
  transmits_.push_back({path, core::Ecn::not_ect, pool_.copy(message.serialize())});
}

std::optional<core::Datagram> Mdns::poll_transmit() {
  if (transmits_.empty()) return std::nullopt;
  core::Datagram first = std::move(transmits_.front());
  transmits_.pop_front();
  return first;
}

std::optional<Mdns::Event> Mdns::poll_event() {
  if (events_.empty()) return std::nullopt;
  Event first = std::move(events_.front());
  events_.pop_front();
  return first;
}

}  // namespace lucid::net
