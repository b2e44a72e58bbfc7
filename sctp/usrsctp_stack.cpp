// All that is process-wide about usrsctp: its start, its settings, its clock, its entropy, and the
// table that leads from its callbacks to associations.
#include "sctp/detail/usrsctp_stack.hpp"

#include <sys/time.h>
#include <usrsctp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/check.hpp"

namespace lucid::sctp::detail {

namespace {

struct Stack {
  bool started = false;
  std::thread::id owner;  // of the associations that live
  std::unordered_map<std::uintptr_t, Seat*> seats;
  std::vector<EngineTimer> orphans;  // of sockets that the engine has not quite finished with
  std::unique_ptr<std::uint8_t[]> room;
};

// Never destroyed: the engine's own thread may outlive static objects.
Stack& stack() {
  static Stack& the_stack = *new Stack;
  return the_stack;
}

// What is being driven on this thread. The engine's idle thread has nothing here.
thread_local Drive::Scope driven;

constexpr std::size_t room_size = 128UL * 1024;

// The bits that the engine looks at in its callouts, and where (checked by start()).
constexpr std::size_t flags_offset = 0x28;
constexpr std::size_t callout_size = 0x30;
constexpr std::uint32_t callout_active = 2;
constexpr std::uint32_t callout_pending = 4;

std::uint32_t& flags_of(void* callout) {
  return *reinterpret_cast<std::uint32_t*>(static_cast<std::uint8_t*>(callout) + flags_offset);
}

bool remove(std::vector<EngineTimer>& timers, const void* callout) {
  return std::erase_if(timers, [&](const EngineTimer& t) { return t.callout == callout; }) > 0;
}

void stop_timer(void* callout) {
  flags_of(callout) &= ~(callout_active | callout_pending);
  if (driven.seat != nullptr && remove(driven.seat->timers, callout)) return;
  if (remove(stack().orphans, callout)) return;
  for (const auto& [id, seat] : stack().seats) {
    if (remove(seat->timers, callout)) return;
  }
}

void start_timer(void* callout, std::uint32_t ticks, void (*expired)(void*), void* argument) {
  if ((flags_of(callout) & callout_pending) != 0) stop_timer(callout);
  flags_of(callout) = callout_active | callout_pending;
  auto& timers = driven.seat != nullptr ? driven.seat->timers : stack().orphans;
  const std::chrono::milliseconds wait{std::max<std::uint32_t>(ticks, 1)};
  timers.push_back({callout, driven.now + wait, expired, argument});
}

void run_due(std::vector<EngineTimer>& timers, core::Time now) {
  while (true) {
    const auto first = std::ranges::min_element(timers, {}, &EngineTimer::deadline);
    if (first == timers.end() || first->deadline > now) return;
    const EngineTimer timer = *first;
    timers.erase(first);
    flags_of(timer.callout) &= ~callout_pending;
    timer.expired(timer.argument);
  }
}

// usrsctp hands over each packet here. Zero: it was taken.
int packet_out(void* address, void* bytes, std::size_t size, std::uint8_t, std::uint8_t) noexcept {
  const auto found = stack().seats.find(reinterpret_cast<std::uintptr_t>(address));
  if (found != stack().seats.end()) {
    found->second->packet_out({static_cast<const std::uint8_t*>(bytes), size});
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
  // RFC 9260 8.1 counts timeouts. The engine also gives up an association once a chunk was repeated
  // thirty times; fast repeats on a short path with full buffers do that in a third of a second.
  usrsctp_sysctl_set_sctp_max_retran_chunk(0);
  usrsctp_sysctl_set_sctp_heartbeat_interval_default(0);
  // RFC 9260 6.2: a SACK for every second packet (see sack_pace.hpp), and never later than 20 ms:
  // below any retransmission timeout.
  usrsctp_sysctl_set_sctp_sack_freq_default(2);
  usrsctp_sysctl_set_sctp_delayed_sack_time_default(20);
  // Deviation from RFC 9260 7.2.1: slow start counts bytes (RFC 3465 2.2), and up to what one SACK
  // of a fast stream covers.
  usrsctp_sysctl_set_sctp_L2_abc_variable(8);
  // Deviation from RFC 9260 7.2.1, 6.1: ten packets at the start (RFC 6928), and no bound on
  // bursts: acknowledgements clock them, and a bound of four packets throttles every fast path.
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

}  // namespace
}  // namespace lucid::sctp::detail

// NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): the names are --wrap's.
// The linker sends the engine's calls of these here (--wrap): without an association being driven,
// the originals serve.
extern "C" {
void __real_read_random(void* out, std::size_t size);
int __real_gettimeofday(struct timeval* out, void* zone);
std::uint32_t __real_sctp_get_tick_count(void);
int __real_sctp_os_timer_start(void* callout, std::uint32_t ticks, void (*expired)(void*),
                               void* argument);
int __real_sctp_os_timer_stop(void* callout);
void sctp_iterator_worker(void);

void __wrap_read_random(void* out, std::size_t size) {
  lucid::core::Random* random = lucid::sctp::detail::driven.random;
  if (random == nullptr) return __real_read_random(out, size);
  random->fill({static_cast<std::uint8_t*>(out), size});
}

int __wrap_gettimeofday(struct timeval* out, void* zone) {
  using namespace lucid::sctp::detail;
  if (driven.random == nullptr) return __real_gettimeofday(out, zone);
  // The engine takes a time of zero for none.
  const auto time = driven.now.time_since_epoch() + std::chrono::hours{24};
  out->tv_sec = static_cast<time_t>(time.count() / 1'000'000);
  out->tv_usec = static_cast<suseconds_t>(time.count() % 1'000'000);
  return 0;
}

std::uint32_t __wrap_sctp_get_tick_count(void) {
  const auto now = lucid::sctp::detail::driven.now.time_since_epoch();
  return static_cast<std::uint32_t>(now / std::chrono::milliseconds{1});
}

int __wrap_sctp_os_timer_start(void* callout, std::uint32_t ticks, void (*expired)(void*),
                               void* argument) {
  using namespace lucid::sctp::detail;
  const bool was_pending = (flags_of(callout) & callout_pending) != 0;
  start_timer(callout, ticks, expired, argument);
  return was_pending ? 1 : 0;
}

int __wrap_sctp_os_timer_stop(void* callout) {
  using namespace lucid::sctp::detail;
  const bool was_pending = (flags_of(callout) & callout_pending) != 0;
  if (was_pending) {
    stop_timer(callout);
  } else {
    flags_of(callout) &= ~callout_active;
  }
  return was_pending ? 1 : 0;
}

// The engine forgets an address by way of its thread. The work is done here and now instead, under
// the lock that the thread would hold, and the thread sleeps for good.
void __wrap_sctp_wakeup_iterator(void) { sctp_iterator_worker(); }
}
// NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming)

namespace lucid::sctp::detail {

namespace {

// Our knowledge of the engine's callouts is tried on its own functions: another build of the
// library would stop here, not go wrong later.
void check_callouts() {
  alignas(std::max_align_t) std::array<std::uint8_t, 2 * callout_size> block{};
  __real_sctp_os_timer_start(block.data(), 1, [](void*) {}, nullptr);
  core::check(flags_of(block.data()) == (callout_active | callout_pending));
  __real_sctp_os_timer_stop(block.data());
  core::check(flags_of(block.data()) == 0);
}

void start() {
  usrsctp_init_nothreads(0, packet_out, nullptr);
  check_callouts();
  usrsctp_enable_crc32c_offload();
  set_limits();
  set_timing();
  set_features();
  stack().started = true;
}

}  // namespace

std::optional<core::Time> Seat::next_timer() const {
  const auto first = std::ranges::min_element(timers, {}, &EngineTimer::deadline);
  return first == timers.end() ? std::nullopt : std::optional{first->deadline};
}

void* engine_address(EngineId id) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): never followed, only compared.
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(id));
}

std::expected<EngineId, SetupError> enter_stack(Seat& seat, core::Random& random) {
  Stack& s = stack();
  if (s.seats.empty()) s.owner = std::this_thread::get_id();
  if (s.owner != std::this_thread::get_id()) return std::unexpected(SetupError::wrong_thread);
  if (!s.started) start();
  // Two that draw the same id live in two runs of one seed; drawing again would part them for good.
  std::uintptr_t id = random.u64();
  while (id == 0 || s.seats.contains(id)) ++id;
  s.seats.emplace(id, &seat);
  usrsctp_register_address(engine_address(EngineId{id}));
  return EngineId{id};
}

void leave_stack(EngineId id) {
  Stack& s = stack();
  const auto found = s.seats.find(static_cast<std::uintptr_t>(id));
  if (found == s.seats.end()) return;
  auto& timers = found->second->timers;
  s.orphans.insert(s.orphans.end(), timers.begin(), timers.end());
  timers.clear();
  s.seats.erase(found);
}

void forget_address(EngineId id) {
  usrsctp_deregister_address(engine_address(id));
  // What is left to do is clearing up: at the next occasion, whatever time it is there.
  Stack& s = stack();
  for (EngineTimer& timer : s.orphans) timer.deadline = {};
  if (driven.seat == nullptr) return;
  for (EngineTimer& timer : driven.seat->timers)
    s.orphans.push_back({timer.callout, {}, timer.expired, timer.argument});
  driven.seat->timers.clear();
}

Drive::Drive(Seat& seat, core::Time now, core::Random& random)
    : outer_{std::exchange(driven, {&seat, now, &random})} {
  if (!stack().orphans.empty()) run_due(stack().orphans, now);
}

Drive::~Drive() { driven = outer_; }

void Drive::run_timers() { run_due(driven.seat->timers, driven.now); }

core::MutableBytes reading_room() {
  Stack& s = stack();
  if (!s.room) s.room = std::make_unique_for_overwrite<std::uint8_t[]>(room_size);
  return {s.room.get(), room_size};
}

}  // namespace lucid::sctp::detail
