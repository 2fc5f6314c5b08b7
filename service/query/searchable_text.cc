#include "service/query/searchable_text.h"

#include "absl/strings/str_cat.h"

namespace communique::query {
namespace {

using Visitor = absl::FunctionRef<void(const SearchableText&)>;
using PathMaker = absl::FunctionRef<std::string()>;

// One field of the fixed order: titles first, then names, then bodies.
void Visit(Visitor visit, TextWeight weight, const std::string& text, PathMaker path) {
  if (!text.empty()) visit(SearchableText{.weight = weight, .text = text, .path = path});
}

// "names[n-2]", or "names[1]" for an element without an id.
std::string ElementPath(absl::string_view list, absl::string_view id, int index) {
  return id.empty() ? absl::StrCat(list, "[", index, "]") : absl::StrCat(list, "[", id, "]");
}

// `member` of every element of a repeated field, as "list[id].member".
template <typename List, typename GetText>
void VisitElements(Visitor visit, TextWeight weight, absl::string_view list_name, const List& list,
                   absl::string_view member, GetText get_text) {
  for (int i = 0; i < list.size(); ++i) {
    Visit(visit, weight, get_text(list[i]),
          [&] { return absl::StrCat(ElementPath(list_name, list[i].id(), i), ".", member); });
  }
}

void VisitPlace(Visitor visit, const v1::Place& place, PathMaker path) {
  Visit(visit, TextWeight::kName, place.display_name(),
        [&] { return absl::StrCat(path(), ".display_name"); });
  for (int i = 0; i < place.names_size(); ++i) {
    Visit(visit, TextWeight::kName, place.names(i).text(),
          [&] { return absl::StrCat(path(), ".names[", i, "].text"); });
  }
}

// The place of every element of a repeated field.
template <typename List, typename GetPlace>
void VisitPlaces(Visitor visit, absl::string_view list_name, const List& list,
                 absl::string_view member, GetPlace get_place) {
  for (int i = 0; i < list.size(); ++i) {
    VisitPlace(visit, get_place(list[i]),
               [&] { return absl::StrCat(ElementPath(list_name, list[i].id(), i), ".", member); });
  }
}

void VisitItineraries(Visitor visit, const v1::Summit& summit) {
  for (int i = 0; i < summit.itineraries_size(); ++i) {
    const v1::Itinerary& itinerary = summit.itineraries(i);
    for (int j = 0; j < itinerary.legs_size(); ++j) {
      const v1::Leg& leg = itinerary.legs(j);
      const auto place = [&](const v1::Place& value, absl::string_view member) {
        VisitPlace(visit, value, [&] {
          return absl::StrCat(ElementPath("itineraries", itinerary.id(), i), ".",
                              ElementPath("legs", leg.id(), j), ".", member);
        });
      };
      place(leg.origin(), "origin");
      place(leg.destination(), "destination");
      place(leg.heading(), "heading");
    }
  }
}

void VisitSummit(Visitor visit, const v1::Summit& summit) {
  Visit(visit, TextWeight::kTitle, summit.title(), [] { return "title"; });
  Visit(visit, TextWeight::kName, summit.series().display_name(),
        [] { return "series.display_name"; });
  VisitPlace(visit, summit.place(), [] { return "place"; });
  VisitPlaces(visit, "announcements", summit.announcements(), "stated_place",
              [](const v1::Announcement& a) -> auto& { return a.stated_place(); });
  VisitPlaces(visit, "outcomes", summit.outcomes(), "place",
              [](const v1::Outcome& o) -> auto& { return o.place(); });
  VisitItineraries(visit, summit);
  VisitPlaces(visit, "sub_events", summit.sub_events(), "place",
              [](const v1::SubEvent& e) -> auto& { return e.place(); });
  VisitElements(visit, TextWeight::kBody, "agenda", summit.agenda(), "text",
                [](const v1::AgendaItem& a) -> auto& { return a.text(); });
  VisitElements(visit, TextWeight::kBody, "outcomes", summit.outcomes(), "text",
                [](const v1::Outcome& o) -> auto& { return o.text(); });
  VisitElements(visit, TextWeight::kBody, "sub_events", summit.sub_events(), "text",
                [](const v1::SubEvent& e) -> auto& { return e.text(); });
  VisitElements(visit, TextWeight::kBody, "transitions", summit.transitions(), "note",
                [](const v1::StateTransition& t) -> auto& { return t.note(); });
}

void VisitSanction(Visitor visit, const v1::Sanction& sanction) {
  const v1::Regime& regime = sanction.regime();
  const v1::Designation& designation = sanction.designation();
  Visit(visit, TextWeight::kTitle, sanction.title(), [] { return "title"; });
  for (int i = 0; i < regime.aliases_size(); ++i) {
    Visit(visit, TextWeight::kName, regime.aliases(i),
          [&] { return absl::StrCat(ElementPath("regime.aliases", "", i)); });
  }
  Visit(visit, TextWeight::kName, designation.list_entry_id(),
        [] { return "designation.list_entry_id"; });
  Visit(visit, TextWeight::kBody, regime.reason(), [] { return "regime.reason"; });
  Visit(visit, TextWeight::kBody, designation.reason(), [] { return "designation.reason"; });
  Visit(visit, TextWeight::kBody, designation.remarks(), [] { return "designation.remarks"; });
}

bool HasWords(v1::SegmentKind kind) {
  return kind == v1::SEGMENT_KIND_VERBATIM || kind == v1::SEGMENT_KIND_PARAPHRASE ||
         kind == v1::SEGMENT_KIND_EDITORIAL;
}

void VisitStatement(Visitor visit, const v1::Statement& statement) {
  Visit(visit, TextWeight::kTitle, statement.title(), [] { return "title"; });
  VisitPlace(visit, statement.place(), [] { return "place"; });
  VisitElements(visit, TextWeight::kBody, "segments", statement.segments(), "text",
                [](const v1::Segment& s) -> auto& {
                  return HasWords(s.kind()) ? s.text() : v1::Segment::default_instance().text();
                });
  const auto text_of = [](const auto& element) -> auto& { return element.proposition().text(); };
  VisitElements(visit, TextWeight::kBody, "claims", statement.claims(), "proposition.text",
                text_of);
  VisitElements(visit, TextWeight::kBody, "questions", statement.questions(), "proposition.text",
                text_of);
  VisitElements(visit, TextWeight::kBody, "predictions", statement.predictions(),
                "proposition.text", text_of);
}

void VisitActor(Visitor visit, const v1::Actor& actor) {
  Visit(visit, TextWeight::kTitle, actor.display_name(), [] { return "display_name"; });
  const auto names = [&](TextWeight weight, bool weak) {
    for (int i = 0; i < actor.names_size(); ++i) {
      const v1::ActorName& name = actor.names(i);
      if ((name.quality() == v1::NAME_QUALITY_WEAK) != weak) continue;
      Visit(visit, weight, name.text(),
            [&] { return absl::StrCat(ElementPath("names", name.id(), i), ".text"); });
    }
  };
  names(TextWeight::kName, /*weak=*/false);
  names(TextWeight::kBody, /*weak=*/true);
  Visit(visit, TextWeight::kBody, actor.description(), [] { return "description"; });
}

void VisitSource(Visitor visit, const v1::Source& source) {
  Visit(visit, TextWeight::kTitle, source.title(), [] { return "title"; });
  Visit(visit, TextWeight::kName, source.instrument().symbol(), [] { return "instrument.symbol"; });
  Visit(visit, TextWeight::kBody, source.subtitle(), [] { return "subtitle"; });
  VisitElements(visit, TextWeight::kBody, "media", source.media(), "caption",
                [](const v1::MediaItem& m) -> auto& { return m.caption(); });
}

}  // namespace

void ForEachText(const v1::Record& record, Visitor visit) {
  switch (record.kind_case()) {
    case v1::Record::kSummit:
      return VisitSummit(visit, record.summit());
    case v1::Record::kSanction:
      return VisitSanction(visit, record.sanction());
    case v1::Record::kStatement:
      return VisitStatement(visit, record.statement());
    case v1::Record::kActor:
      return VisitActor(visit, record.actor());
    case v1::Record::kSource:
      return VisitSource(visit, record.source());
    case v1::Record::KIND_NOT_SET:
      return;
  }
}

}  // namespace communique::query
