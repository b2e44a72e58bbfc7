// All that is process-wide about usrsctp: its start, its settings, its clock, its entropy, and the
// table that leads from its callbacks to associations.
#include "sctp/detail/usrsctp_stack.hpp"

#include <usrsctp.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/check.hpp"

namespace lucid::sctp::detail {

namespace {

using namespace std::chrono_literals;

struct Stack {
  bool started = false;
  std::thread::id owner;  // of the associations that live
  std::unordered_map<std::uintptr_t, Outlet*> outlets;
  std::optional<core::Time> ticked;  // how far the engine's timers have come
  core::Time now{};
  core::Random* entropy = nullptr;  // of the association being driven
  std::unique_ptr<std::uint8_t[]> room;
};

// Never destroyed: the engine's own thread may outlive static objects.
Stack& stack() {
  static Stack& the_stack = *new Stack;
  return the_stack;
}

constexpr std::size_t room_size = 128 * 1024;

// usrsctp hands over each packet here. Zero: it was taken.
int packet_out(void* address, void* bytes, std::size_t size, std::uint8_t, std::uint8_t) noexcept {
  const auto found = stack().outlets.find(reinterpret_cast<std::uintptr_t>(address));
  if (found != stack().outlets.end()) {
    found->second->packet_out({static_cast<const std::uint8_t*>(bytes), size}, stack().now);
  }
  return 0;
}

void set_limits() {
  // Windows of 8 MiB carry 100 MB/s over 80 ms; what is unused costs nothing.
  usrsctp_sysctl_set_sctp_sendspace(8 * 1024 * 1024);
  usrsctp_sysctl_set_sctp_recvspace(8 * 1024 * 1024);
  // The default of 512 chunks would stop a sender at 600 KB, long before its buffer is full.
  usrsctp_sysctl_set_sctp_max_chunks_on_queue(64 * 1024);
  // Finished associations give their memory back at once, not to lists kept for the next one.
  usrsctp_sysctl_set_sctp_system_free_resc_limit(0);
  usrsctp_sysctl_set_sctp_asoc_free_resc_limit(0);
}

void set_timing() {
  // Deviation from RFC 9260 16: RTO.Initial 1 s, Min 1 s, Max 60 s are for the open internet of
  // 1990. A lost handshake packet must not cost a second, a lost tail no more than 100 ms; three
  // seconds between attempts find a path that has come back soon enough.
  usrsctp_sysctl_set_sctp_rto_initial_default(500);
  usrsctp_sysctl_set_sctp_rto_min_default(100);
  usrsctp_sysctl_set_sctp_rto_max_default(3'000);
  usrsctp_sysctl_set_sctp_init_rto_max_default(2'000);
  // ICE consent decides whether the path lives (RFC 7675), so SCTP keeps trying for over a minute:
  // at 30 % loss each way ten attempts in a row fail once in a thousand times.
  usrsctp_sysctl_set_sctp_assoc_rtx_max_default(30);
  usrsctp_sysctl_set_sctp_path_rtx_max_default(30);
  usrsctp_sysctl_set_sctp_path_pf_threshold(65'535);
  usrsctp_sysctl_set_sctp_init_rtx_max_default(30);
  usrsctp_sysctl_set_sctp_heartbeat_interval_default(0);
  // RFC 9260 6.2: a SACK for every second packet, and never later than 20 ms: below any RTO.
  usrsctp_sysctl_set_sctp_sack_freq_default(2);
  usrsctp_sysctl_set_sctp_delayed_sack_time_default(20);
  // RFC 6928: ten packets at the start. No bound on bursts: acknowledgements clock them, and a
  // bound of four packets throttles every fast path.
  usrsctp_sysctl_set_sctp_initial_cwnd(10);
  usrsctp_sysctl_set_sctp_max_burst_default(0);
  usrsctp_sysctl_set_sctp_fr_max_burst_default(0);
}

void set_features() {
  // RFC 8831 5: partial reliability and stream reset are needed. Addresses never change under DTLS,
  // which authenticates and hides ECN, so the rest only makes INIT longer.
  usrsctp_sysctl_set_sctp_pr_enable(1);
  usrsctp_sysctl_set_sctp_reconfig_enable(1);
  usrsctp_sysctl_set_sctp_asconf_enable(0);
  usrsctp_sysctl_set_sctp_auto_asconf(0);
  usrsctp_sysctl_set_sctp_auth_enable(0);
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_sysctl_set_sctp_nrsack_enable(0);
  usrsctp_sysctl_set_sctp_pktdrop_enable(0);
  // A port closed a moment ago may be used again at once.
  usrsctp_sysctl_set_sctp_vtag_time_wait(0);
}

void start() {
  usrsctp_init_nothreads(0, packet_out, nullptr);
  usrsctp_enable_crc32c_offload();
  set_limits();
  set_timing();
  set_features();
  stack().started = true;
}

// Moves the engine's timers to `now`. It counts in milliseconds, so the rest stays for the next
// time.
void move_timers(core::Time now, core::Duration at_least) {
  Stack& s = stack();
  // The first association starts the clock, and so does a simulation that begins anew.
  if (!s.ticked || now < *s.ticked) s.ticked = now;
  const auto elapsed = std::chrono::floor<std::chrono::milliseconds>(now - *s.ticked);
  if (elapsed < at_least) return;
  *s.ticked += elapsed;
  usrsctp_handle_timers(static_cast<std::uint32_t>(std::min(elapsed, 1h / 1ms * 1ms).count()));
}

}  // namespace

core::Time next_tick(core::Time now) {
  return core::Time{(now.time_since_epoch() / tick_length + 1) * tick_length};
}

std::expected<EngineId, SetupError> enter_stack(Outlet& outlet, core::Random& random) {
  Stack& s = stack();
  if (s.outlets.empty()) {
    s.owner = std::this_thread::get_id();
    s.ticked.reset();
  }
  if (s.owner != std::this_thread::get_id()) return std::unexpected(SetupError::wrong_thread);
  if (!s.started) start();
  std::uintptr_t id = 0;
  while (id == 0 || s.outlets.contains(id)) id = random.u64();
  s.outlets.emplace(id, &outlet);
  usrsctp_register_address(reinterpret_cast<void*>(id));
  return EngineId{id};
}

void leave_stack(EngineId id) {
  const auto address = static_cast<std::uintptr_t>(id);
  usrsctp_deregister_address(reinterpret_cast<void*>(address));
  stack().outlets.erase(address);
}

Drive::Drive(core::Time now, core::Random& random, Timers timers)
    : outer_{std::exchange(stack().entropy, &random)} {
  stack().now = now;
  // Between ticks the engine's clock stands still, so a timer may run out up to one tick early.
  move_timers(now, timers == Timers::now ? core::Duration{1ms} : tick_length);
}

Drive::~Drive() { stack().entropy = outer_; }

core::MutableBytes reading_room() {
  Stack& s = stack();
  if (!s.room) s.room = std::make_unique_for_overwrite<std::uint8_t[]>(room_size);
  return {s.room.get(), room_size};
}

}  // namespace lucid::sctp::detail

// The linker sends the engine's calls of read_random here (--wrap=read_random): its entropy is that
// of the association being driven, so that a seed repeats a run. Without one, its own serves.
extern "C" {
void __real_read_random(void* out, std::size_t size);
void __wrap_read_random(void* out, std::size_t size) {
  lucid::core::Random* entropy = lucid::sctp::detail::stack().entropy;
  if (entropy == nullptr) return __real_read_random(out, size);
  entropy->fill({static_cast<std::uint8_t*>(out), size});
}
}
