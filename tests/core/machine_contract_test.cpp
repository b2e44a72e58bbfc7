// The contract suite, tried on a machine that keeps the contract and on machines that each break
// one rule of it.
#include "tests/core/machine_contract.hpp"

#include <deque>
#include <random>

namespace lucid::core {
namespace {

using namespace std::chrono_literals;

enum class Flaw {
  none,
  entropy_of_its_own,
  acts_on_early_timeouts,
  works_in_polls,
  deadline_stays,
  deadline_stays_after_an_input,
  answers_for_ever,
  talks_after_the_end,
};

// Sends a beat each second with five random bytes, echoes what starts with 'e'.
template <Flaw flaw>
class Beater {
 public:
  using Datagram = Bytes;
  using Transmit = Buffer;
  struct Echoed {};
  struct Beat {};
  using Event = std::variant<Beat, Echoed>;

  explicit Beater(Context context) : random_{context.random}, pool_{context.pool} {}
  void start(Time now) { beat_.start(now, 1s); }
  void close() {
    closed_ = true;
    if (flaw != Flaw::talks_after_the_end) beat_.stop();
  }
  void handle_datagram(Datagram in, Time) {
    if (closed_ && flaw != Flaw::talks_after_the_end) return;
    if (in.empty() || in[0] != 'e') return;
    out_.push_back(pool_.copy(in));
    events_.push_back(Echoed{});
    echoed_ = true;
  }
  void handle_timeout(Time now) {
    const bool due = beat_.expire(now);
    if (!due && flaw != Flaw::acts_on_early_timeouts) return;
    Buffer bytes = pool_.take(5);
    if (flaw == Flaw::entropy_of_its_own) {
      static std::mt19937 own;
      bytes.data()[0] = static_cast<std::uint8_t>(own());
    } else {
      random_.fill(bytes.bytes());
    }
    out_.push_back(std::move(bytes));
    events_.push_back(Beat{});
    if (flaw == Flaw::deadline_stays) {
      beat_.start(now, 0s);
    } else {
      beat_.start(now, 1s);
    }
  }
  std::optional<Transmit> poll_transmit() {
    if (flaw == Flaw::answers_for_ever) return pool_.take(1);
    if (out_.empty()) return std::nullopt;
    std::optional<Transmit> front{std::move(out_.front())};
    out_.pop_front();
    if (flaw == Flaw::works_in_polls && !events_.empty()) random_.u64();
    return front;
  }
  std::optional<Event> poll_event() {
    if (events_.empty()) return std::nullopt;
    std::optional<Event> front{events_.front()};
    events_.pop_front();
    return front;
  }
  std::optional<Time> next_timeout() const {
    if (flaw == Flaw::deadline_stays_after_an_input && echoed_) return Time{};
    return beat_.deadline();
  }

 private:
  Random& random_;
  Pool& pool_;
  Timer beat_;
  bool closed_ = false;
  bool echoed_ = false;
  std::deque<Buffer> out_;
  std::deque<Event> events_;
};

template <Flaw flaw>
struct BeaterContract {
  using Machine = Beater<flaw>;
  static_assert(core::Machine<Beater<flaw>>);
  static Machine make(Context context) { return Machine{context}; }
  static void start(Machine& machine, Time now) { machine.start(now); }
  static std::vector<std::vector<std::uint8_t>> inputs() { return {{'e', 'c', 'h', 'o'}, {'x'}}; }
  static void end(Machine& machine, Time) { machine.close(); }
};

using Sound = BeaterContract<Flaw::none>;
INSTANTIATE_TYPED_TEST_SUITE_P(Beater, MachineContract, Sound);

TEST(MachineContractTest, NoticesEntropyOfTheMachinesOwn) {
  EXPECT_NE(contract::deterministic<BeaterContract<Flaw::entropy_of_its_own>>(), "");
}

TEST(MachineContractTest, NoticesWorkDoneOnEarlyTimeouts) {
  EXPECT_NE(contract::early_timeouts_are_harmless<BeaterContract<Flaw::acts_on_early_timeouts>>(),
            "");
}

TEST(MachineContractTest, NoticesWorkDoneInPolls) {
  EXPECT_NE(contract::polls_only_pop<BeaterContract<Flaw::works_in_polls>>(), "");
}

TEST(MachineContractTest, NoticesADeadlineThatStays) {
  EXPECT_NE(contract::deadlines_move<BeaterContract<Flaw::deadline_stays>>(), "");
  EXPECT_NE(contract::late_timeouts_catch_up<BeaterContract<Flaw::deadline_stays>>(), "");
}

TEST(MachineContractTest, NoticesADeadlineThatStaysOnceSomethingCame) {
  EXPECT_NE(contract::deadlines_move<BeaterContract<Flaw::deadline_stays_after_an_input>>(), "");
}

TEST(MachineContractTest, NoticesPollsThatNeverEnd) {
  EXPECT_NE(contract::noise_is_harmless<BeaterContract<Flaw::answers_for_ever>>(), "");
}

TEST(MachineContractTest, NoticesTalkAfterTheEnd) {
  EXPECT_NE(contract::quiet_after_the_end<BeaterContract<Flaw::talks_after_the_end>>(), "");
}

}  // namespace
}  // namespace lucid::core
