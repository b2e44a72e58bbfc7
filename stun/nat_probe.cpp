#include "stun/nat_probe.hpp"

#include <algorithm>
#include <utility>

namespace lucid::stun {
namespace {

using namespace std::chrono_literals;

// RFC 5780 4.4 expects silence as an answer, so each test waits for seconds only: 0, 0.3, 0.9 s,
// given up after 2.1.
constexpr Transaction::Schedule schedule{.rto = 300ms, .requests = 3, .last_wait = 4};

}  // namespace

NatProbe::NatProbe(Config config, core::Context context)
    : config_{std::move(config)}, context_{context} {
  if (const auto ip = core::Ip::parse(config_.server)) {
    server_ = core::Address{*ip, config_.port};
  } else {
    events_.push_back(core::Effect{core::Resolve{core::ResolveId{}, config_.server}});
  }
}

void NatProbe::interfaces(std::span<const core::Interface> list, core::Time now) {
  if (test_ != Test::waiting || !hosts_.empty()) return;
  for (const core::Interface& interface : list) {
    if (!interface.ip.is_link_local()) hosts_.push_back(interface.ip);
  }
  bind(now);
}

void NatProbe::resolved(core::ResolveId, std::span<const core::Ip> addresses, core::Time now) {
  if (server_) return;
  if (addresses.empty()) {
    findings_.trouble = "the server's name has no address";
    start(Test::done, now);
    return;
  }
  server_ = core::Address{addresses.front(), config_.port};
  bind(now);
}

// From an address of the server's family, the first there is.
void NatProbe::bind(core::Time now) {
  if (!server_ || hosts_.empty()) return;
  const auto ip = std::ranges::find_if(hosts_, [&](const core::Ip& each) {
    return each.family() == server_->family() && each.is_loopback() == server_->ip.is_loopback();
  });
  if (!config_.local && ip == hosts_.end()) {
    findings_.trouble = "this host has no address of the server's family";
    start(Test::done, now);
    return;
  }
  const core::Address local{config_.local ? *config_.local : *ip, 0};
  events_.push_back(core::Effect{core::BindUdp{core::SocketId{}, local}});
}

void NatProbe::bound(core::SocketId, core::Address local, core::Time now) {
  if (test_ != Test::waiting || !server_) return;
  findings_.local = local;
  start(Test::binding, now);
}

void NatProbe::bind_failed(core::SocketId, core::PathError error, core::Time now) {
  if (test_ != Test::waiting) return;
  findings_.trouble = to_string(error);
  start(Test::done, now);
}

// RFC 5780 4.3, 4.4: whom each test asks, and from where it wants the answer.
void NatProbe::start(Test test, core::Time now) {
  test_ = test;
  transaction_.reset();
  if (test == Test::done) {
    events_.push_back(Done{findings_});
    return;
  }
  ChangeRequest change;
  target_ = *server_;
  switch (test) {
    case Test::waiting:
    case Test::binding:
    case Test::done:
      break;
    case Test::filtering_2:
      change = {.ip = true, .port = true};
      break;
    case Test::filtering_3:
      change = {.ip = false, .port = true};
      break;
    case Test::mapping_2:
      target_.ip = other_->ip;
      break;
    case Test::mapping_3:
      target_ = *other_;
      break;
    case Test::hairpin:
      target_ = *findings_.mapped;
      break;
  }
  Builder out{context_.pool, Class::request, Method::binding, random_transaction(context_.random)};
  if (change.ip || change.port) out.change_request(change);
  out.fingerprint();
  transaction_.emplace(std::move(out).finish(), Transaction::Reliability::datagram, schedule, now);
  send();
}

void NatProbe::send() {
  transmits_.push_back({{core::Transport::udp, findings_.local, target_},
                        core::Ecn::not_ect,
                        context_.pool.copy(transaction_->request())});
}

void NatProbe::handle_datagram(core::Datagram in, core::Time now) {
  const auto message = Message::parse(in.bytes);
  if (!message || !transaction_ || message->transaction() != transaction_->id()) return;
  if (message->message_class() == Class::request) {
    // RFC 5780 4.5: our own request has come back.
    if (test_ != Test::hairpin) return;
    findings_.hairpinning = true;
    start(Test::done, now);
  } else if (transaction_->answered_by(*message)) {
    const bool elsewhere = in.path.remote != target_;
    const bool wanted = test_ == Test::filtering_2 || test_ == Test::filtering_3;
    if (elsewhere && !wanted) return;
    // RFC 5780 7.2: a server that answers from where it was asked cannot do what it was asked for.
    if (!elsewhere && wanted) return start(Test::mapping_2, now);
    message->message_class() == Class::success ? answered(*message, now) : unanswered(now);
  }
}

void NatProbe::answered(const Message& response, core::Time now) {
  const auto mapped = response.mapped_address();
  switch (test_) {
    case Test::waiting:
      break;
    case Test::binding:
      findings_.mapped = mapped;
      findings_.translated = mapped && *mapped != findings_.local;
      other_ = response.address(AttributeType::other_address);
      // RFC 5780 7.4: it differs from the first one in address and port. Of another family it is of
      // no use.
      findings_.server_has_two_addresses = other_ && other_->family() == server_->family() &&
                                           other_->ip != server_->ip &&
                                           other_->port != server_->port;
      start(findings_.server_has_two_addresses ? Test::filtering_2
            : mapped                           ? Test::hairpin
                                               : Test::done,
            now);
      break;
    case Test::filtering_2:
      findings_.filtering = Dependence::none;
      start(Test::mapping_2, now);
      break;
    case Test::filtering_3:
      findings_.filtering = Dependence::address;
      start(Test::mapping_2, now);
      break;
    case Test::mapping_2:
      second_mapping_ = mapped;
      if (mapped == findings_.mapped) findings_.mapping = Dependence::none;
      start(mapped == findings_.mapped ? Test::hairpin : Test::mapping_3, now);
      break;
    case Test::mapping_3:
      findings_.mapping =
          mapped == second_mapping_ ? Dependence::address : Dependence::address_and_port;
      start(Test::hairpin, now);
      break;
    case Test::hairpin:
    case Test::done:
      break;
  }
}

void NatProbe::unanswered(core::Time now) {
  switch (test_) {
    case Test::waiting:
      break;
    case Test::binding:
      start(Test::done, now);
      break;
    case Test::filtering_2:
      start(Test::filtering_3, now);
      break;
    case Test::filtering_3:
      findings_.filtering = Dependence::address_and_port;
      start(Test::mapping_2, now);
      break;
    case Test::mapping_2:
    case Test::mapping_3:
      start(Test::hairpin, now);
      break;
    case Test::hairpin:
      findings_.hairpinning = false;
      start(Test::done, now);
      break;
    case Test::done:
      break;
  }
}

void NatProbe::handle_timeout(core::Time now) {
  if (!transaction_) return;
  switch (transaction_->handle_timeout(now)) {
    case Transaction::Next::wait:
      break;
    case Transaction::Next::send:
      send();
      break;
    case Transaction::Next::give_up:
      unanswered(now);
      break;
  }
}

std::optional<core::Time> NatProbe::next_timeout() const {
  return transaction_ ? std::optional{transaction_->next_timeout()} : std::nullopt;
}

std::optional<core::Datagram> NatProbe::poll_transmit() {
  if (transmits_.empty()) return std::nullopt;
  core::Datagram out = std::move(transmits_.front());
  transmits_.pop_front();
  return out;
}

std::optional<NatProbe::Event> NatProbe::poll_event() {
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  return event;
}

std::string_view to_string(NatProbe::Dependence dependence) {
  switch (dependence) {
    case NatProbe::Dependence::unknown:
      return "unknown";
    case NatProbe::Dependence::none:
      return "endpoint-independent";
    case NatProbe::Dependence::address:
      return "address-dependent";
    case NatProbe::Dependence::address_and_port:
      return "address and port-dependent";
  }
  return "unknown";
}

std::string_view common_name(const NatProbe::Findings& findings) {
  using enum NatProbe::Dependence;
  if (!findings.mapped) return "UDP is blocked";
  if (findings.mapping == unknown || findings.filtering == unknown) {
    return findings.translated ? "a NAT of unknown kind" : "no NAT";
  }
  if (!findings.translated) return findings.filtering == none ? "no NAT" : "a firewall, no NAT";
  if (findings.mapping != none) return "symmetric NAT";
  switch (findings.filtering) {
    case unknown:
      break;
    case none:
      return "full-cone NAT";
    case address:
      return "address-restricted cone NAT";
    case address_and_port:
      return "port-restricted cone NAT";
  }
  return "a NAT of unknown kind";
}

}  // namespace lucid::stun
