#pragma once
#include <functional>
#include <string>

#include "sim/turn_server.hpp"
#include "stun/long_term.hpp"
#include "tests/sim/puppet.hpp"

namespace lucid::sim::test {

// A TURN client by hand: one request after the other, each waited for.
class TurnClient {
 public:
  struct Answer {
    std::uint16_t code = 0;  // 0: success; 999: none
    std::string bytes;
    stun::Message message() const { return *stun::Message::parse(core::as_bytes(bytes)); }
  };
  using Fill = std::function<void(stun::Builder&)>;

  TurnClient(World& world, Player& player, core::Path path, std::string username = "user",
             std::string password = "secret")
      : world_{world}, player_{player}, path_{path}, credentials_{username, password} {}

  // Answers challenges by itself, unless told not to.
  Answer ask(stun::Method method, const Fill& fill = {}, bool retry = true) {
    const stun::TransactionId id = stun::random_transaction(random_);
    Answer answer = ask_once(method, fill, id);
    for (int i = 0; retry && i < 2 && (answer.code == 401 || answer.code == 438); ++i) {
      if (credentials_.challenge(answer.message()) != stun::LongTerm::Verdict::retry) break;
      answer = ask_once(method, fill, stun::random_transaction(random_));
    }
    return answer;
  }
  Answer ask_once(stun::Method method, const Fill& fill, const stun::TransactionId& id) {
    stun::Builder out{pool_, stun::Class::request, method, id};
    if (fill) fill(out);
    credentials_.sign(out);
    return exchange(core::as_text(std::move(out).finish()));
  }
  Answer allocate(const Fill& fill = {}) {
    const auto with_transport = [&](stun::Builder& out) {
      out.requested_transport(17);
      if (fill) fill(out);
    };
    Answer answer = ask(stun::Method::allocate, with_transport);
    if (answer.code == 0) {
      relayed = *answer.message().address(stun::AttributeType::xor_relayed_address);
    }
    return answer;
  }
  Answer permit(const core::Address& peer) {
    return ask(stun::Method::create_permission, [&](stun::Builder& out) {
      out.address(stun::AttributeType::xor_peer_address, peer);
    });
  }
  Answer bind_channel(std::uint16_t channel, const core::Address& peer) {
    return ask(stun::Method::channel_bind, [&](stun::Builder& out) {
      out.channel_number(channel);
      out.address(stun::AttributeType::xor_peer_address, peer);
    });
  }
  void send_to(const core::Address& peer, std::string_view data) {
    stun::Builder out{pool_, stun::Class::indication, stun::Method::send,
                      stun::random_transaction(random_)};
    out.address(stun::AttributeType::xor_peer_address, peer);
    out.text(stun::AttributeType::data, data);
    player_->send(path_, core::as_text(std::move(out).finish()));
    world_.run_for(std::chrono::milliseconds{100});
  }
  void send_on(std::uint16_t channel, std::string_view data) {
    std::string bytes(4, '\0');
    core::ByteWriter out{{reinterpret_cast<std::uint8_t*>(bytes.data()), 4}};
    out.u16(channel);
    out.u16(static_cast<std::uint16_t>(data.size()));
    player_->send(path_, bytes.append(data));
    world_.run_for(std::chrono::milliseconds{100});
  }
  Answer exchange(std::string_view bytes) {
    const std::size_t before = player_.count<Got>();
    player_->send(path_, bytes);
    const auto answered = [&] { return player_.count<Got>() > before; };
    if (!world_.run_until(answered, std::chrono::seconds{1})) return {999, ""};
    Answer answer{0, player_.last<Got>()->text};
    const auto error = answer.message().error();
    if (error) answer.code = static_cast<std::uint16_t>(error->code);
    return answer;
  }
  Player& player() { return player_; }
  const stun::LongTerm& credentials() const { return credentials_; }

  core::Address relayed;

 private:
  World& world_;
  Player& player_;
  core::Path path_;
  core::Pool pool_;
  core::SeededRandom random_{9};
  stun::LongTerm credentials_;
};

}  // namespace lucid::sim::test
