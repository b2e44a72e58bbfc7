#include "peer/detail/offer.hpp"

#include <algorithm>
#include <map>

#include "peer/detail/codecs.hpp"
#include "sdp/negotiate.hpp"

namespace lucid::peer::detail {
namespace {

// One section of the offer to be.
struct Planned {
  std::string mid;
  sdp::MediaLine line;  // of the section that stood here, for one that is refused
  std::optional<TransceiverId> transceiver;
  bool data = false;
  bool recyclable = false;  // refused by an earlier negotiation: its place is free

  bool rejected() const { return !data && !transceiver; }
};

bool rejected_in(const std::optional<Description>& description, std::size_t index) {
  return description && index < description->session.media.size() &&
         description->session.media[index].is_rejected();
}

// RFC 9429 5.2.2: all sections that there were keep their places.
std::vector<Planned> existing_sections(const Model& model) {
  const Description* local = model.local();
  const Description* remote = model.remote();
  const Description* longest = local;
  if (longest == nullptr ||
      (remote != nullptr && remote->session.media.size() > longest->session.media.size())) {
    longest = remote;
  }
  std::vector<Planned> plan;
  if (longest == nullptr) return plan;
  for (const sdp::MediaSection& section : longest->session.media) {
    const std::size_t index = plan.size();
    Planned planned{section.mid(), section.media_line(), {}, false, false};
    const TransceiverState* transceiver = model.find_mid(planned.mid);
    const bool refused =
        rejected_in(model.current_local, index) || rejected_in(model.current_remote, index);
    if (section.is_data()) {
      planned.data = !refused;
    } else if (transceiver != nullptr && !transceiver->gone()) {
      planned.transceiver = transceiver->id;
    }
    planned.recyclable = refused && planned.rejected();
    plan.push_back(std::move(planned));
  }
  return plan;
}

std::string new_mid(const Model& model, const std::vector<Planned>& plan) {
  for (std::size_t number = 0;; ++number) {
    std::string mid = std::to_string(number);
    const bool taken = model.find_mid(mid) != nullptr ||
                       std::ranges::any_of(plan, [&](const Planned& p) { return p.mid == mid; });
    if (!taken) return mid;
  }
}

// RFC 9429 5.2.2: a new section takes a freed place before it makes the description longer.
Planned& new_place(std::vector<Planned>& plan, const Model& model) {
  std::string mid = new_mid(model, plan);
  const auto free = std::ranges::find_if(plan, &Planned::recyclable);
  Planned& place = free == plan.end() ? plan.emplace_back() : *free;
  place = Planned{std::move(mid), {}, {}, false, false};
  return place;
}

std::vector<Planned> plan_sections(const Model& model) {
  std::vector<Planned> plan = existing_sections(model);
  for (const TransceiverState& transceiver : model.transceivers) {
    if (transceiver.gone() || transceiver.mid) continue;
    new_place(plan, model).transceiver = transceiver.id;
  }
  const bool has_data = std::ranges::any_of(plan, &Planned::data);
  if (model.data_wanted && !has_data) new_place(plan, model).data = true;
  return plan;
}

// W3C createOffer, legacy options: receiving on or off for a whole kind.
void apply_receive_option(Model& model, core::MediaKind kind, std::optional<bool> receive,
                          core::Random& random) {
  if (!receive) return;
  bool receives = false;
  for (TransceiverState& each : model.transceivers) {
    if (each.kind != kind || each.gone()) continue;
    const auto direction = static_cast<sdp::Direction>(each.direction);
    if (!*receive) {
      each.direction = static_cast<Direction>(sdp::make_direction(sdp::sends(direction), false));
    }
    receives = receives || sdp::receives(direction);
  }
  if (!*receive || receives) return;
  TransceiverState transceiver = new_transceiver(model, kind, random);
  transceiver.direction = Direction::recvonly;
  model.transceivers.push_back(std::move(transceiver));
}

class OfferWriter {
 public:
  OfferWriter(const Model& model, const OfferOptions& options, Means& means)
      : model_{model}, options_{options}, means_{means} {
    learn(model.current_local);
    learn(model.current_remote);
    learn(model.pending_local);
    extension_ids_.learn(model.extensions);
  }

  sdp::Session write(const std::vector<Planned>& plan) {
    sdp::Group bundle;
    for (const Planned& each : plan) {
      if (!each.rejected()) bundle.mids.push_back(each.mid);
    }
    choose_transports(plan);
    std::vector<sdp::Group> groups;
    if (!bundle.mids.empty()) groups.push_back(bundle);
    sdp::Session session = session_head(model_.origin, groups);
    for (const Planned& each : plan) session.media.push_back(write_section(each));
    return session;
  }

 private:
  static constexpr std::size_t bundled = static_cast<std::size_t>(-1);

  void learn(const std::optional<Description>& description) {
    if (!description) return;
    for (const sdp::MediaSection& section : description->session.media) {
      if (!section.is_rtp()) continue;
      const auto codecs = sdp::codecs(section);
      payload_types_.learn(codecs);
      const auto extmaps = section.all<sdp::Extmap>();
      extension_ids_.learn(extmaps);
    }
  }

  bool restarts(const LocalTransport& transport) const {
    const auto has = [&](const std::vector<std::string>& ufrags) {
      return std::ranges::find(ufrags, transport.credentials.ufrag) != ufrags.end();
    };
    return options_.ice_restart || has(model_.ufrags_to_replace) || has(model_.outdated_ufrags);
  }

  std::size_t transport_of(const Planned& section) const {
    const auto it = std::ranges::find_if(
        means_.transports, [&](const auto& each) { return each.serves(section.mid); });
    return static_cast<std::size_t>(it - means_.transports.begin());
  }

  std::size_t new_transport(const Planned& section) {
    // All transports of a generation have the same credentials, as browsers have it: Firefox
    // compares those of every section with what it saw there last, and takes a section that moves
    // into a bundle for a restart that nobody asked for.
    const ice::Credentials credentials = means_.transports.empty()
                                             ? means_.fresh_credentials()
                                             : means_.transports.front().credentials;
    means_.transports.push_back({{section.mid}, credentials, {}, false, {}});
    return means_.transports.size() - 1;
  }

  // RFC 9429 4.1.1: which sections get a transport of their own, by the bundle policy.
  bool deserves_own(const Planned& section, bool first) {
    switch (means_.configuration.bundle_policy) {
      case BundlePolicy::max_compat:
        return true;
      case BundlePolicy::max_bundle:
        return first;
      case BundlePolicy::balanced:
        break;
    }
    std::string kind = "data";
    if (section.transceiver) kind = name_of(model_.find(*section.transceiver)->kind);
    const bool seen = std::ranges::find(kinds_, kind) != kinds_.end();
    if (!seen) kinds_.push_back(kind);
    return !seen;
  }
  static std::string name_of(core::MediaKind kind) {
    return kind == core::MediaKind::audio ? "audio" : "video";
  }

  // The transport of what the peer has bundled: what is new joins it, and says so as browsers do,
  // by repeating its attributes.
  std::optional<std::size_t> bundle_of_peer() const {
    if (!model_.current_remote) return std::nullopt;
    for (std::size_t i = 0; i < means_.transports.size(); ++i) {
      if (bundles(model_.current_remote->session, means_.transports[i].mids)) return i;
    }
    return std::nullopt;
  }

  void choose_transports(const std::vector<Planned>& plan) {
    std::optional<ice::Credentials> fresh;
    for (LocalTransport& each : means_.transports) {
      if (!restarts(each)) continue;
      if (!fresh) fresh = new_credentials(means_.random);
      // RFC 8445 9: new credentials, and none of the old candidates.
      each = {each.mids, *fresh, {}, false, each.role};
    }
    const auto bundle = bundle_of_peer();
    bool first = true;
    for (const Planned& section : plan) {
      std::size_t chosen = bundled;
      if (!section.rejected()) {
        const std::size_t existing = transport_of(section);
        const bool own = deserves_own(section, first);
        if (existing < means_.transports.size()) {
          chosen = existing;
        } else if (bundle) {
          chosen = *bundle;
        } else if (own) {
          chosen = new_transport(section);
        }
        first = false;
      }
      if (bundle_ == bundled) bundle_ = chosen;
      chosen_.push_back(chosen);
    }
  }

  sdp::MediaSection write_section(const Planned& section) {
    const std::size_t index = written_++;
    if (section.rejected()) return rejected_section(section.line, section.mid);
    Carriage carriage;
    carriage.bundle_only = chosen_[index] == bundled;
    carriage.transport = &means_.transports[carriage.bundle_only ? bundle_ : chosen_[index]];
    if (section.data) {
      DataContent content;
      content.mid = section.mid;
      content.max_message_size = means_.configuration.max_message_size;
      return data_section(content, carriage, means_);
    }
    MediaContent content = content_of(*model_.find(*section.transceiver), section.mid);
    // RFC 9429 5.2.1: the policy is "require"; what is bundle-only needs not say so.
    content.mux_only = !carriage.bundle_only;
    return media_section(content, carriage, means_);
  }

  MediaContent content_of(const TransceiverState& transceiver, const std::string& mid) {
    MediaContent content;
    content.kind = transceiver.kind;
    content.mid = mid;
    content.direction = static_cast<sdp::Direction>(transceiver.direction);
    const auto& wanted =
        transceiver.preferences.empty() ? means_.configuration.codecs : transceiver.preferences;
    content.codecs = sdp_codecs(wanted, transceiver.kind);
    // Payload types that have run out leave the codecs at the end of the list unsaid.
    while (!payload_types_.assign(content.codecs) && !content.codecs.empty()) {
      content.codecs.pop_back();
    }
    payload_types_.learn(content.codecs);
    content.extmaps = extmaps_of(transceiver.kind);
    content.cname = model_.cname;
    if (sdp::sends(content.direction)) {
      content.sender = &transceiver;
      add_simulcast(content, transceiver);
    } else if (has_announced(model_, content.mid)) {
      content.sender = &transceiver;
    }
    return content;
  }

  std::vector<sdp::Extmap> extmaps_of(core::MediaKind kind) {
    std::vector<sdp::Extmap> extmaps;
    for (const std::string& uri : extension_uris(kind)) {
      const auto id = extension_ids_.assign(uri);
      if (!id) continue;
      extmaps.push_back({*id, {}, uri, ""});
      extension_ids_.learn(std::span{&extmaps.back(), 1});
    }
    return extmaps;
  }

  // RFC 9429 5.2.1: more than one encoding is offered as simulcast, each with its rid.
  static void add_simulcast(MediaContent& content, const TransceiverState& transceiver) {
    const auto& encodings = transceiver.sender.encodings;
    if (encodings.size() < 2) return;
    content.simulcast.emplace();
    for (const RtpEncoding& encoding : encodings) {
      content.rids.push_back({encoding.rid, sdp::RidDirection::send, {}, {}});
      content.simulcast->send.push_back({{encoding.rid, false}});
    }
  }

  const Model& model_;
  const OfferOptions& options_;
  Means& means_;
  sdp::PayloadTypes payload_types_;
  sdp::ExtensionIds extension_ids_;
  std::vector<std::string> kinds_;
  std::vector<std::size_t> chosen_;  // by section: index of its transport, or `bundled`
  std::size_t bundle_ =
      bundled;  // the transport of the first section, which the bundled ones share
  std::size_t written_ = 0;
};

}  // namespace

Result<sdp::Session> make_offer(Model& model, const OfferOptions& options, Means& means) {
  apply_receive_option(model, core::MediaKind::audio, options.offer_to_receive_audio, means.random);
  apply_receive_option(model, core::MediaKind::video, options.offer_to_receive_video, means.random);
  const std::vector<Planned> plan = plan_sections(model);
  sdp::Session session = OfferWriter{model, options, means}.write(plan);
  model.last_offer = {sdp::serialize(session), session, {}};
  for (const Planned& each : plan) model.last_offer.transceivers.push_back(each.transceiver);
  return session;
}

}  // namespace lucid::peer::detail
