#include "peer/detail/answer.hpp"

#include <algorithm>

#include "peer/detail/codecs.hpp"
#include "sdp/negotiate.hpp"

namespace lucid::peer::detail {
namespace {

class AnswerWriter {
 public:
  AnswerWriter(const Model& model, Means& means)
      : model_{model},
        means_{means},
        offer_{model.pending_remote->session},
        bundles_{offer_},
        data_mid_{data_mid()} {}

  sdp::Session write() {
    for (const sdp::MediaSection& section : offer_.media) {
      contents_.push_back(content_of(section));
      if (contents_.back().accepted) accepted_.push_back(section.mid());
    }
    refuse_what_does_not_bundle();
    groups_ = sdp::answer_bundle(offer_, accepted_);
    for (const std::string& mid : accepted_) choose_transport(mid);
    sdp::Session session = session_head(model_.origin, groups_);
    if (!offer_.head.has("extmap-allow-mixed")) {
      session.head.erase_attribute("extmap-allow-mixed");
    }
    for (std::size_t i = 0; i < offer_.media.size(); ++i) {
      session.media.push_back(write_section(offer_.media[i], contents_[i]));
    }
    return session;
  }

  std::vector<std::optional<TransceiverId>> transceivers() const {
    std::vector<std::optional<TransceiverId>> ids;
    for (const sdp::MediaSection& section : offer_.media) {
      const TransceiverState* transceiver = model_.find_mid(section.mid());
      ids.push_back(transceiver == nullptr ? std::nullopt : std::optional{transceiver->id});
    }
    return ids;
  }

 private:
  struct Content {
    bool accepted = false;
    bool data = false;
    MediaContent media;
  };

  // RFC 9429 5.3.1: a section is refused when nobody is there for it or no codec is common.
  Content content_of(const sdp::MediaSection& section) const {
    Content content;
    if (section.is_rejected() || !carried(section)) return content;
    if (section.is_data()) {
      content.accepted = content.data = section.mid() == data_mid_;
      return content;
    }
    const TransceiverState* transceiver = model_.find_mid(section.mid());
    if (transceiver == nullptr || transceiver->gone() || !section.is_rtp()) return content;
    // RFC 9429 5.3.1: without rtcp-mux there is no place for RTCP. What is bundle-only says
    // nothing.
    if (!offers_mux(section) && !section.has("bundle-only")) return content;
    content.media = media_content(section, *transceiver);
    content.accepted = !content.media.codecs.empty();
    return content;
  }

  // RFC 8827 6.5: what is keyed in other ways than by DTLS over ICE is not spoken here.
  bool carried(const sdp::MediaSection& section) const {
    const sdp::MediaSection& at = *bundles_.transport_of(section);
    return offer_.effective<sdp::IceUfrag>(at) && offer_.effective<sdp::IcePwd>(at) &&
           !offer_.effective_all<sdp::Fingerprint>(at).empty();
  }

  // A connection has one SCTP association: that of the section that has it, or of the first.
  std::string data_mid() const {
    std::string first;
    for (const sdp::MediaSection& section : offer_.media) {
      if (!section.is_data() || section.is_rejected()) continue;
      const sdp::MediaSection* before =
          model_.current_local ? model_.current_local->session.find_mid(section.mid()) : nullptr;
      if (before != nullptr && before->is_data() && !before->is_rejected()) return section.mid();
      if (first.empty()) first = section.mid();
    }
    return first;
  }

  MediaContent media_content(const sdp::MediaSection& section,
                             const TransceiverState& transceiver) const {
    MediaContent content;
    content.kind = transceiver.kind;
    content.mid = section.mid();
    content.protocol = section.media_line().protocol;
    content.rtcp_mux = offers_mux(section);
    content.reduced_size = section.has("rtcp-rsize");
    content.codecs = common_codecs(section, transceiver);
    if (content.codecs.empty()) return content;
    // RFC 3264 6.1: what both sides want, seen from here.
    content.direction = sdp::intersect(static_cast<sdp::Direction>(transceiver.direction),
                                       sdp::reverse(offer_.direction(section)));
    const auto uris = extension_uris(transceiver.kind);
    content.extmaps = sdp::answer_extmaps(uris, offer_.effective_all<sdp::Extmap>(section));
    content.cname = model_.cname;
    if (sdp::sends(content.direction)) content.sender = &transceiver;
    add_simulcast(section, transceiver, content);
    if (has_announced(model_, section.mid())) content.sender = &transceiver;
    return content;
  }

  static bool offers_mux(const sdp::MediaSection& section) {
    return section.has("rtcp-mux") || section.has("rtcp-mux-only");
  }

  std::vector<sdp::Codec> common_codecs(const sdp::MediaSection& section,
                                        const TransceiverState& transceiver) const {
    const bool preferring = !transceiver.preferences.empty();
    const auto& wanted = preferring ? transceiver.preferences : means_.configuration.codecs;
    const auto ours = sdp_codecs(wanted, transceiver.kind);
    const auto theirs = sdp::codecs(section);
    auto common =
        sdp::answer_codecs(ours, theirs, preferring ? sdp::Order::own : sdp::Order::offer);
    const bool media =
        std::ranges::any_of(common, [](const sdp::Codec& codec) { return !codec.is_auxiliary(); });
    if (!media) common.clear();
    return common;
  }

  // RFC 8853 5.3.2: we take the streams offered, and send those of our encodings that are wanted.
  static void add_simulcast(const sdp::MediaSection& section, const TransceiverState& transceiver,
                            MediaContent& content) {
    const auto offered = section.find<sdp::Simulcast>();
    std::vector<sdp::Rid> ours;
    std::size_t taken = 0;
    for (const sdp::Rid& rid : section.all<sdp::Rid>()) {
      const bool theirs = rid.direction == sdp::RidDirection::send;
      const bool used =
          theirs ? sdp::receives(content.direction) && taken < most_encodings
                 : sdp::sends(content.direction) &&
                       std::ranges::find(transceiver.sender.encodings, rid.id, &RtpEncoding::rid) !=
                           transceiver.sender.encodings.end();
      if (!used) continue;
      if (theirs) ++taken;
      ours.push_back(sdp::reverse(rid));
    }
    if (offered) content.simulcast = sdp::answer_simulcast(*offered, ours);
    if (content.simulcast) content.rids = ours;
  }

  // W3C RTCBundlePolicy "max-bundle": without bundling only the first section is carried.
  void refuse_what_does_not_bundle() {
    if (means_.configuration.bundle_policy != BundlePolicy::max_bundle) return;
    std::string_view tag;
    for (std::size_t i = 0; i < contents_.size(); ++i) {
      if (!contents_[i].accepted) continue;
      const std::string mid = offer_.media[i].mid();
      if (tag.empty()) {
        tag = accepted_.front();
        continue;
      }
      if (share_a_group(accepted_.front(), mid)) continue;
      contents_[i].accepted = false;
      std::erase(accepted_, mid);
    }
  }
  bool share_a_group(const std::string& a, const std::string& b) const {
    const auto holds = [](const sdp::Group& group, const std::string& mid) {
      return std::ranges::find(group.mids, mid) != group.mids.end();
    };
    return std::ranges::any_of(sdp::bundle_groups(offer_), [&](const sdp::Group& group) {
      return holds(group, a) && holds(group, b);
    });
  }

  // RFC 9143 7.3: the section whose transport carries this one is the first of its group.
  std::string tag_of(const std::string& mid) const {
    for (const sdp::Group& group : groups_) {
      if (std::ranges::find(group.mids, mid) != group.mids.end()) return group.mids.front();
    }
    return mid;
  }

  // RFC 9143 7.3: a bundle that has a transport keeps it, also when its first section is a new one.
  LocalTransport* transport_of(const std::string& tag) {
    const auto serving = [&](const std::string& mid) {
      const auto it = std::ranges::find_if(
          means_.transports, [&](const LocalTransport& each) { return each.serves(mid); });
      return it == means_.transports.end() ? nullptr : &*it;
    };
    if (LocalTransport* own = serving(tag)) return own;
    for (const sdp::Group& group : groups_) {
      if (group.mids.front() != tag) continue;
      for (const std::string& mid : group.mids) {
        if (LocalTransport* shared = serving(mid)) return shared;
      }
    }
    return nullptr;
  }

  void choose_transport(const std::string& mid) {
    const std::string tag = tag_of(mid);
    LocalTransport* transport = transport_of(tag);
    if (transport == nullptr) {
      means_.transports.push_back({{mid}, means_.fresh_credentials(), {}, false, {}});
      return;
    }
    if (mid == tag && restarted(*transport, tag)) {
      *transport = {transport->mids, new_credentials(means_.random), {}, false, transport->role};
    }
    if (!transport->serves(mid)) transport->mids.push_back(mid);
  }

  // RFC 8839 4.4.1.1: the offer asks for a restart with a new ufrag and password.
  bool restarted(const LocalTransport& transport, const std::string& tag) const {
    if (!model_.current_remote) return false;
    const sdp::Session& earlier = model_.current_remote->session;
    const std::string& known = transport.serves(tag) ? tag : transport.mids.front();
    const sdp::MediaSection* before = earlier.find_mid(known);
    const sdp::MediaSection* now = offer_.find_mid(tag);
    if (before == nullptr || now == nullptr) return false;
    if (known != tag) before = sdp::Bundles{earlier}.transport_of(*before);
    const auto old_ufrag = earlier.effective<sdp::IceUfrag>(*before);
    const auto old_pwd = earlier.effective<sdp::IcePwd>(*before);
    if (!old_ufrag || !old_pwd) return false;
    return offer_.effective<sdp::IceUfrag>(*now) != old_ufrag &&
           offer_.effective<sdp::IcePwd>(*now) != old_pwd;
  }

  sdp::MediaSection write_section(const sdp::MediaSection& offered, const Content& content) {
    if (!content.accepted) return rejected_section(offered.media_line(), offered.mid());
    const std::string tag = tag_of(offered.mid());
    const auto transport = std::ranges::find_if(
        means_.transports, [&](const LocalTransport& each) { return each.serves(tag); });
    const sdp::MediaSection* tagged = offer_.find_mid(tag);
    const auto setup = offer_.effective<sdp::Setup>(*tagged);
    Carriage carriage{&*transport, sdp::answer_role(setup ? setup->role : sdp::Role::actpass)};
    // RFC 8842 5.5: an association that goes on keeps its roles.
    if (transport->role) carriage.role = *transport->role;
    if (!content.data) return media_section(content.media, carriage, means_);
    DataContent data;
    data.mid = offered.mid();
    data.protocol = offered.media_line().protocol;
    data.max_message_size = means_.configuration.max_message_size;
    return data_section(data, carriage, means_);
  }

  const Model& model_;
  Means& means_;
  const sdp::Session& offer_;
  const sdp::Bundles bundles_;
  const std::string data_mid_;
  std::vector<Content> contents_;      // by section
  std::vector<std::string> accepted_;  // mids
  std::vector<sdp::Group> groups_;
};

}  // namespace

Result<sdp::Session> make_answer(Model& model, Means& means) {
  AnswerWriter writer{model, means};
  sdp::Session session = writer.write();
  if (model.pending_remote->unnamed) {
    for (sdp::MediaSection& section : session.media) section.erase<sdp::Mid>();
  }
  model.last_answer = {sdp::serialize(session), session, writer.transceivers()};
  return session;
}

}  // namespace lucid::peer::detail
