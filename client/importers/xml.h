// XML of lists, read over expat: entry by entry, with every limit checked, and
// with a note of what was read, so that nothing is left out unseen.

#ifndef COMMUNIQUE_CLIENT_IMPORTERS_XML_H_
#define COMMUNIQUE_CLIENT_IMPORTERS_XML_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "importers/errors.h"
#include "importers/list.h"

namespace communique::importers {

// An element with all that is in it. Texts have runs of white space as one space
// and none at either end: lists wrap their lines anew from version to version.
//
// Take... mark what they answer as read; Rest() answers what was not.
class XmlElement {
 public:
  std::string name;                                             // Without a namespace's prefix.
  std::vector<std::pair<std::string, std::string>> attributes;  // Names likewise; no xmlns.
  std::string text;
  std::vector<XmlElement> children;
  FilePosition at;

  // The text of the first child of that name which was not taken and is not
  // empty; empty when there is none.
  std::string Take(absl::string_view child);
  // The texts of all such children, in their order.
  std::vector<std::string> TakeAll(absl::string_view child);
  // The children of that name that were not taken; each is read further by the
  // caller. Pointers hold as long as the element is not changed.
  std::vector<XmlElement*> TakeElements(absl::string_view child);
  // The first of them; nullptr when there is none.
  XmlElement* TakeElement(absl::string_view child);
  // The value of an attribute; empty when there is none.
  std::string TakeAttribute(absl::string_view attribute);
  // The element's own text.
  std::string TakeText();

  // One value that nobody took.
  struct Leftover {
    std::string path;  // From this element: "INDIVIDUAL/SORT_KEY", "A/B@attribute".
    std::string text;
  };
  // Everything below that is not empty and was not taken, in order. What was
  // handed out by TakeElement counts as read only as far as it was taken from.
  std::vector<Leftover> Rest() const;

 private:
  void AddRest(const std::string& path, std::vector<Leftover>* rest) const;

  bool taken_ = false;  // The element's text.
  bool handed_out_ = false;
  std::vector<bool> taken_attributes_;
};

// Called with the path of the record's kind ("INDIVIDUALS/INDIVIDUAL") and the
// record. What it answers that is not OK ends the reading.
using XmlRecordHandler = std::function<absl::Status(const std::string& path, XmlElement& record)>;

// Reads a document whose root is `root`. Elements at `record_paths`, from below
// the root, are handed over one by one and forgotten. Answers the root with what
// is no part of a record.
//
// Errors: INVALID_ARGUMENT with line and column when it is not well-formed, ends
// early, has another root or a DOCTYPE; RESOURCE_EXHAUSTED over a limit.
absl::StatusOr<XmlElement> ReadXml(const InputFile& file, const ParseLimits& limits,
                                   absl::string_view root,
                                   const std::vector<std::string>& record_paths,
                                   const XmlRecordHandler& on_record);

}  // namespace communique::importers

#endif  // COMMUNIQUE_CLIENT_IMPORTERS_XML_H_
