#include "sctp/detail/engine.hpp"

#include <usrsctp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace lucid::sctp::detail {

namespace {

// Known to the library, but missing from its public header (RFC 8260 4.3).
constexpr int interleaving_supported = 0x1206;

constexpr int send_buffer = 8 * 1024 * 1024;
// In the engine a byte that waits to be read takes two, and a stopped reader may cost 10 MiB.
constexpr int receive_buffer = 3'584 * 1024;

sockaddr_conn address_of(EngineId id, std::uint16_t port) {
  sockaddr_conn address{};
  address.sconn_family = AF_CONN;
  address.sconn_port = __builtin_bswap16(port);
  address.sconn_addr = engine_address(id);
  return address;
}

template <class Value>
bool set(struct socket* handle, int level, int option, const Value& value) {
  return usrsctp_setsockopt(handle, level, option, &value, sizeof value) == 0;
}

bool listen_to_events(struct socket* handle) {
  constexpr std::array<std::uint16_t, 6> types{
      SCTP_ASSOC_CHANGE,        SCTP_SEND_FAILED_EVENT, SCTP_STREAM_RESET_EVENT,
      SCTP_STREAM_CHANGE_EVENT, SCTP_SHUTDOWN_EVENT,    SCTP_PARTIAL_DELIVERY_EVENT};
  return std::ranges::all_of(types, [&](std::uint16_t type) {
    return set(handle, IPPROTO_SCTP, SCTP_EVENT, sctp_event{SCTP_ALL_ASSOC, type, 1});
  });
}

bool set_path(struct socket* handle, const Engine::Config& config) {
  sctp_paddrparams path{};
  // RFC 8831 5: the path MTU is that of DTLS, and found by other means; ICE watches over the path.
  path.spp_flags = SPP_PMTUD_DISABLE | SPP_HB_DISABLE;
  // usrsctp counts the room for chunks, so the common header goes off.
  path.spp_pathmtu = static_cast<std::uint32_t>(config.mtu - sizeof(sctp_common_header));
  return set(handle, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);
}

std::optional<Arrival> association_changed(const sctp_assoc_change& change) {
  switch (change.sac_state) {
    case SCTP_COMM_UP:
      return Up{change.sac_outbound_streams, change.sac_inbound_streams};
    case SCTP_COMM_LOST:
    case SCTP_CANT_STR_ASSOC:
      return Down{change.sac_error};
    case SCTP_SHUTDOWN_COMP:
      return ShutDown{};
    default:
      return std::nullopt;
  }
}

StreamsReset streams_reset(const sctp_stream_reset_event& event) {
  StreamsReset reset{};
  reset.side = (event.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN) != 0
                   ? StreamsReset::Side::incoming
                   : StreamsReset::Side::outgoing;
  reset.done = (event.strreset_flags & (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED)) == 0;
  const std::size_t count = (event.strreset_length - sizeof event) / sizeof(std::uint16_t);
  for (std::size_t i = 0; i < count; ++i) {
    reset.streams.push_back(StreamId{event.strreset_stream_list[i]});
  }
  return reset;
}

Abandoned send_failed(const sctp_send_failed_event& event) {
  return {StreamId{event.ssfe_info.snd_sid}, event.ssfe_info.snd_context};
}

// `bytes` stand at the start of the reading room, which is aligned for anything.
std::optional<Arrival> notification(core::Bytes bytes) {
  const auto& event = *reinterpret_cast<const sctp_notification*>(bytes.data());
  if (bytes.size() < sizeof event.sn_header || event.sn_header.sn_length != bytes.size()) {
    return std::nullopt;
  }
  switch (event.sn_header.sn_type) {
    case SCTP_ASSOC_CHANGE:
      return association_changed(event.sn_assoc_change);
    case SCTP_STREAM_RESET_EVENT:
      return streams_reset(event.sn_strreset_event);
    case SCTP_STREAM_CHANGE_EVENT:
      return StreamCount{(event.sn_header.sn_flags &
                          (SCTP_STREAM_CHANGE_DENIED | SCTP_STREAM_CHANGE_FAILED)) != 0};
    case SCTP_SEND_FAILED_EVENT:
      return send_failed(event.sn_send_failed_event);
    case SCTP_PARTIAL_DELIVERY_EVENT:
      return PieceLost{StreamId{static_cast<std::uint16_t>(event.sn_pdapi_event.pdapi_stream)}};
    default:
      return std::nullopt;
  }
}

sctp_sendv_spa send_info(const Association::Sending& how, std::uint32_t number, bool last) {
  sctp_sendv_spa info{};
  info.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  info.sendv_sndinfo.snd_sid = static_cast<std::uint16_t>(how.stream);
  info.sendv_sndinfo.snd_ppid = __builtin_bswap32(static_cast<std::uint32_t>(how.protocol));
  info.sendv_sndinfo.snd_context = number;
  info.sendv_sndinfo.snd_flags = static_cast<std::uint16_t>(
      (how.order == Order::unordered ? SCTP_UNORDERED : 0) | (last ? SCTP_EOR : 0));
  if (const auto* limit = std::get_if<MaxRetransmits>(&how.reliability)) {
    info.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    info.sendv_prinfo = {SCTP_PR_SCTP_RTX, limit->count};
  } else if (const auto* lifetime = std::get_if<MaxLifetime>(&how.reliability)) {
    info.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    info.sendv_prinfo = {SCTP_PR_SCTP_TTL, lifetime->milliseconds};
  }
  return info;
}

}  // namespace

std::expected<Engine, SetupError> Engine::open(const Config& config, Seat& seat,
                                               core::Random& random) {
  const auto id = enter_stack(seat, random);
  if (!id) return std::unexpected(id.error());
  struct socket* handle =
      usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr);
  if (handle == nullptr) {
    leave_stack(*id);
    forget_address(*id);
    return std::unexpected(SetupError::out_of_memory);
  }
  Engine engine{handle, *id};
  if (!engine.configure(config)) return std::unexpected(SetupError::out_of_memory);
  return engine;
}

bool Engine::configure(const Config& config) {
  const sctp_initmsg init{config.streams, config.max_streams, 0, 0};
  const sctp_assoc_value reset{SCTP_ALL_ASSOC,
                               SCTP_ENABLE_RESET_STREAM_REQ | SCTP_ENABLE_CHANGE_ASSOC_REQ};
  const bool interleave = config.interleaving == Interleaving::when_supported;
  const sctp_assoc_value interleaving{SCTP_FUTURE_ASSOC, interleave ? 1U : 0U};
  constexpr int on = 1;
  // RFC 8260 2.2.1 wants this level before messages may come interleaved.
  constexpr int interleave_streams = 2;
  sockaddr_conn local = address_of(id_, config.local_port);
  sockaddr_conn remote = address_of(id_, config.remote_port);
  return usrsctp_set_non_blocking(handle_, 1) == 0 &&
         // Closing forgets everything at once, so that no callback comes later.
         set(handle_, SOL_SOCKET, SO_LINGER, linger{.l_onoff = 1, .l_linger = 0}) &&
         set(handle_, SOL_SOCKET, SO_SNDBUF, send_buffer) &&
         set(handle_, SOL_SOCKET, SO_RCVBUF, receive_buffer) &&
         // A message leaves when it is sent, not when a packet is full (RFC 9260 6.1, 8.1 in RFC
         // 6458).
         set(handle_, IPPROTO_SCTP, SCTP_NODELAY, on) &&
         set(handle_, IPPROTO_SCTP, SCTP_EXPLICIT_EOR, on) &&
         set(handle_, IPPROTO_SCTP, SCTP_RECVRCVINFO, on) &&
         set(handle_, IPPROTO_SCTP, SCTP_INITMSG, init) &&
         set(handle_, IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, reset) &&
         set(handle_, IPPROTO_SCTP, SCTP_FRAGMENT_INTERLEAVE, interleave_streams) &&
         set(handle_, IPPROTO_SCTP, interleaving_supported, interleaving) &&
         listen_to_events(handle_) && set_path(handle_, config) &&
         usrsctp_bind(handle_, reinterpret_cast<sockaddr*>(&local), sizeof local) == 0 &&
         // RFC 8831 4: both ends open at once; the two INITs meet (RFC 9260 5.2.1).
         (usrsctp_connect(handle_, reinterpret_cast<sockaddr*>(&remote), sizeof remote) == 0 ||
          errno == EINPROGRESS);
}

Engine::Engine(Engine&& other) noexcept
    : handle_{std::exchange(other.handle_, nullptr)}, id_{other.id_} {}

Engine::~Engine() {
  if (handle_ == nullptr) return;
  leave_stack(id_);
  usrsctp_close(handle_);
  forget_address(id_);
}

void Engine::packet_in(core::Bytes packet) {
  usrsctp_conninput(engine_address(id_), packet.data(), packet.size(), 0);
}

std::optional<Arrival> Engine::receive() {
  const core::MutableBytes room = reading_room();
  while (true) {
    sctp_rcvinfo info{};
    socklen_t info_size = sizeof info;
    unsigned int info_type = 0;
    int flags = 0;
    sockaddr_conn from{};
    socklen_t from_size = sizeof from;
    const ssize_t size =
        usrsctp_recvv(handle_, room.data(), room.size(), reinterpret_cast<sockaddr*>(&from),
                      &from_size, &info, &info_size, &info_type, &flags);
    if (size <= 0) return std::nullopt;
    const core::Bytes bytes = room.first(static_cast<std::size_t>(size));
    if ((flags & MSG_NOTIFICATION) == 0) {
      return Piece{StreamId{info.rcv_sid}, PayloadProtocol{__builtin_bswap32(info.rcv_ppid)}, bytes,
                   (flags & MSG_EOR) != 0};
    }
    if (auto arrival = notification(bytes)) return arrival;
  }
}

std::size_t Engine::send(const Association::Sending& how, core::Bytes piece, std::uint32_t number,
                         bool last) {
  sctp_sendv_spa info = send_info(how, number, last);
  const ssize_t taken = usrsctp_sendv(handle_, piece.data(), piece.size(), nullptr, 0, &info,
                                      sizeof info, SCTP_SENDV_SPA, 0);
  return taken > 0 ? static_cast<std::size_t>(taken) : 0;  // full, or gone
}

Engine::ResetAnswer Engine::reset(const std::vector<StreamId>& streams) {
  std::vector<std::uint8_t> room(sizeof(sctp_reset_streams) + 2 * streams.size());
  sctp_reset_streams head{};
  head.srs_flags = SCTP_STREAM_RESET_OUTGOING;
  head.srs_number_streams = static_cast<std::uint16_t>(streams.size());
  std::memcpy(room.data(), &head, sizeof head);
  std::memcpy(room.data() + sizeof head, streams.data(), 2 * streams.size());
  if (usrsctp_setsockopt(handle_, IPPROTO_SCTP, SCTP_RESET_STREAMS, room.data(),
                         static_cast<socklen_t>(room.size())) == 0) {
    return ResetAnswer::started;
  }
  return errno == EALREADY || errno == EAGAIN ? ResetAnswer::busy : ResetAnswer::refused;
}

bool Engine::add_streams(std::uint16_t outgoing, std::uint16_t incoming) {
  const sctp_add_streams request{SCTP_CURRENT_ASSOC, incoming, outgoing};
  return set(handle_, IPPROTO_SCTP, SCTP_ADD_STREAMS, request);
}

void Engine::acknowledge_every(std::uint32_t packets) {
  // A delay of zero leaves the delay as it is.
  set(handle_, IPPROTO_SCTP, SCTP_DELAYED_SACK, sctp_sack_info{SCTP_CURRENT_ASSOC, 0, packets});
}

void Engine::shut_down() { usrsctp_shutdown(handle_, SHUT_WR); }

void Engine::abort() {
  if (handle_ == nullptr) return;
  // RFC 9260 3.3.10.12: a cause that tells the peer that this is no failure. Where there is nothing
  // to abort yet, closing a socket that does not linger ends the handshake; its way out must still
  // be there.
  sctp_sndinfo info{};
  info.snd_flags = SCTP_ABORT;
  usrsctp_sendv(handle_, nullptr, 0, nullptr, 0, &info, sizeof info, SCTP_SENDV_SNDINFO, 0);
  usrsctp_close(std::exchange(handle_, nullptr));
  leave_stack(id_);
  forget_address(id_);
}

Engine::Status Engine::status() const {
  sctp_status raw{};
  socklen_t size = sizeof raw;
  if (usrsctp_getsockopt(handle_, IPPROTO_SCTP, SCTP_STATUS, &raw, &size) != 0) return {};
  Status status;
  status.outgoing_streams = raw.sstat_outstrms;
  status.incoming_streams = raw.sstat_instrms;
  status.path.smoothed_round_trip = std::chrono::milliseconds{raw.sstat_primary.spinfo_srtt};
  status.path.congestion_window = raw.sstat_primary.spinfo_cwnd;
  status.path.peer_window = raw.sstat_rwnd;
  status.path.unacknowledged_chunks = raw.sstat_unackdata;
  status.idle = raw.sstat_unackdata == 0 && raw.sstat_penddata == 0;
  return status;
}

}  // namespace lucid::sctp::detail
