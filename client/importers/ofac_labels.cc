#include "importers/ofac_labels.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace communique::importers {
namespace {

using Kind = OfacLabelKind;

// In no order; the longest that fits is taken.
constexpr OfacLabel kLabels[] = {
    // Of persons and organisations.
    {"DOB", Kind::kBirthTime, ""},
    {"Birthdate", Kind::kBirthTime, ""},
    {"POB", Kind::kBirthPlace, ""},
    {"Place of Birth", Kind::kBirthPlace, ""},
    {"Organization Established Date", Kind::kBirthTime, ""},
    {"nationality", Kind::kNationality, ""},
    {"Nationality Country", Kind::kNationality, ""},
    {"citizen", Kind::kCitizenship, ""},
    {"Citizenship Country", Kind::kCitizenship, ""},
    {"Nationality of Registration", Kind::kSeat, ""},
    {"Gender", Kind::kGender, ""},
    {"a.k.a.", Kind::kWeakAlias, ""},
    {"n.k.a.", Kind::kWeakAlias, ""},
    {"d.b.a.", Kind::kWeakAlias, ""},
    {"f.k.a.", Kind::kWeakFormerName, ""},
    {"Position", Kind::kPosition, ""},
    {"Title", Kind::kPosition, ""},
    {"Rank", Kind::kPosition, ""},
    {"Alternate Title", Kind::kPosition, ""},
    {"Linked To", Kind::kLinkedTo, ""},
    // Ways to reach them.
    {"Website", Kind::kIdentifier, "website"},
    {"Email Address", Kind::kIdentifier, "email"},
    {"Email", Kind::kIdentifier, "email"},
    {"EMAIL", Kind::kIdentifier, "email"},
    {"Phone Number", Kind::kIdentifier, "phone"},
    {"Phone No.", Kind::kIdentifier, "phone"},
    {"PHONE", Kind::kIdentifier, "phone"},
    {"Telephone No.", Kind::kIdentifier, "phone"},
    {"Telephone", Kind::kIdentifier, "phone"},
    {"Fax No.", Kind::kIdentifier, "fax"},
    {"Fax", Kind::kIdentifier, "fax"},
    {"FAX", Kind::kIdentifier, "fax"},
    {"TELEX", Kind::kIdentifier, "telex"},
    {"TGMS", Kind::kIdentifier, "telegram"},
    // Travel and identity documents.
    {"Passport", Kind::kIdentifier, "passport"},
    {"Diplomatic Passport", Kind::kIdentifier, "passport"},
    {"British National Overseas Passport", Kind::kIdentifier, "passport"},
    {"Stateless Person Passport", Kind::kIdentifier, "passport"},
    {"Travel Document Number", Kind::kIdentifier, "travel-document"},
    {"VisaNumberID", Kind::kIdentifier, "visa"},
    {"Seafarer's Identification Document", Kind::kIdentifier, "seafarer-id"},
    {"National ID No.", Kind::kIdentifier, "national-id"},
    {"National Foreign ID Number", Kind::kIdentifier, "national-id"},
    {"Cedula No.", Kind::kIdentifier, "national-id"},
    {"D.N.I.", Kind::kIdentifier, "national-id"},
    {"C.U.R.P.", Kind::kIdentifier, "national-id"},
    {"C.U.I.", Kind::kIdentifier, "national-id"},
    {"C.U.I.P.", Kind::kIdentifier, "national-id"},
    {"C.I.N.", Kind::kIdentifier, "national-id"},
    {"I.F.E.", Kind::kIdentifier, "national-id"},
    {"N.I.E.", Kind::kIdentifier, "national-id"},
    {"LE Number", Kind::kIdentifier, "national-id"},
    {"Personal ID Card", Kind::kIdentifier, "national-id"},
    {"Identification Number", Kind::kIdentifier, "national-id"},
    {"Citizen's Card Number", Kind::kIdentifier, "national-id"},
    {"Tazkira National ID Card", Kind::kIdentifier, "national-id"},
    {"Kenyan ID No.", Kind::kIdentifier, "national-id"},
    {"Bosnian Personal ID No.", Kind::kIdentifier, "national-id"},
    {"Moroccan Personal ID No.", Kind::kIdentifier, "national-id"},
    {"Turkish Identification Number", Kind::kIdentifier, "national-id"},
    {"Turkish Identificiation Number", Kind::kIdentifier, "national-id"},
    {"UAE Identification", Kind::kIdentifier, "national-id"},
    {"CNP (Personal Numerical Code)", Kind::kIdentifier, "national-id"},
    {"Numero de Identidad", Kind::kIdentifier, "national-id"},
    {"Electoral Registry No.", Kind::kIdentifier, "voter-id"},
    {"Credencial electoral", Kind::kIdentifier, "voter-id"},
    {"SSN", Kind::kIdentifier, "social-security"},
    {"Residency Number", Kind::kIdentifier, "residence-permit"},
    {"Romanian Permanent Resident", Kind::kIdentifier, "residence-permit"},
    {"Refugee ID Card", Kind::kIdentifier, "refugee-id"},
    {"Stateless Person ID Card", Kind::kIdentifier, "national-id"},
    {"Immigration No.", Kind::kIdentifier, "immigration"},
    {"Public Security and Immigration No.", Kind::kIdentifier, "immigration"},
    {"SRE Permit No.", Kind::kIdentifier, "permit"},
    {"Permit Number", Kind::kIdentifier, "permit"},
    {"Birth Certificate Number", Kind::kIdentifier, "birth-certificate"},
    {"Cartilla de Servicio Militar Nacional", Kind::kIdentifier, "military-id"},
    {"Military Registration Number", Kind::kIdentifier, "military-id"},
    {"Driver's License No.", Kind::kIdentifier, "driving-licence"},
    {"Pilot License Number", Kind::kIdentifier, "pilot-licence"},
    {"Tarjeta Profesional", Kind::kIdentifier, "professional-licence"},
    {"Chinese Commercial Code", Kind::kIdentifier, "chinese-commercial-code"},
    {"Serial No.", Kind::kIdentifier, "serial-number"},
    // Of taxes.
    {"Tax ID No.", Kind::kIdentifier, "tax-id"},
    {"NIT #", Kind::kIdentifier, "tax-id"},
    {"R.F.C.", Kind::kIdentifier, "tax-id"},
    {"RFC", Kind::kIdentifier, "tax-id"},
    {"RUC #", Kind::kIdentifier, "tax-id"},
    {"RIF #", Kind::kIdentifier, "tax-id"},
    {"RTN", Kind::kIdentifier, "tax-id"},
    {"US FEIN", Kind::kIdentifier, "tax-id"},
    {"V.A.T. Number", Kind::kIdentifier, "tax-id"},
    {"Italian Fiscal Code", Kind::kIdentifier, "tax-id"},
    {"Fiscal Code", Kind::kIdentifier, "tax-id"},
    {"C.U.I.T.", Kind::kIdentifier, "tax-id"},
    {"C.I.F.", Kind::kIdentifier, "tax-id"},
    {"N.I.F.", Kind::kIdentifier, "tax-id"},
    {"RSIN", Kind::kIdentifier, "tax-id"},
    {"Romanian Tax Registration", Kind::kIdentifier, "tax-id"},
    {"Paraguayan tax identification number", Kind::kIdentifier, "tax-id"},
    {"Numero Unico de Identificacao Tributaria (NUIT)", Kind::kIdentifier, "tax-id"},
    // Of registers.
    {"Registration ID", Kind::kIdentifier, "registration"},
    {"Registration Number", Kind::kIdentifier, "registration"},
    {"Registration Certificate Number (Dubai)", Kind::kIdentifier, "registration"},
    {"Company Number", Kind::kIdentifier, "registration"},
    {"Company ID", Kind::kIdentifier, "registration"},
    {"UK Company Number", Kind::kIdentifier, "registration"},
    {"Business Registration Document #", Kind::kIdentifier, "registration"},
    {"Business Registration Number", Kind::kIdentifier, "registration"},
    {"Business Number", Kind::kIdentifier, "registration"},
    {"Enterprise Number", Kind::kIdentifier, "registration"},
    {"Branch Unit Number", Kind::kIdentifier, "registration"},
    {"Legal Entity Number", Kind::kIdentifier, "registration"},
    {"Commercial Registry Number", Kind::kIdentifier, "registration"},
    {"C.R. No.", Kind::kIdentifier, "registration"},
    {"Romanian C.R.", Kind::kIdentifier, "registration"},
    {"Certificate of Incorporation Number", Kind::kIdentifier, "registration"},
    {"Public Registration Number", Kind::kIdentifier, "registration"},
    {"Central Registration System Number", Kind::kIdentifier, "registration"},
    {"Economic Register Number (CBLS)", Kind::kIdentifier, "registration"},
    {"Folio Mercantil No.", Kind::kIdentifier, "registration"},
    {"Matricula Mercantil No", Kind::kIdentifier, "registration"},
    {"Chamber of Commerce Number", Kind::kIdentifier, "registration"},
    {"Dubai Chamber of Commerce Membership No.", Kind::kIdentifier, "registration"},
    {"Istanbul Chamber of Comm. No.", Kind::kIdentifier, "registration"},
    {"Registered Charity No.", Kind::kIdentifier, "registration"},
    {"Government Gazette Number", Kind::kIdentifier, "registration"},
    {"Organization Code", Kind::kIdentifier, "registration"},
    {"Unified Social Credit Code (USCC)", Kind::kIdentifier, "registration"},
    {"United Social Credit Code Certificate (USCCC)", Kind::kIdentifier, "registration"},
    {"Russian State Individual Business Registration Number Pattern (OGRNIP)", Kind::kIdentifier,
     "registration"},
    {"MSB Registration Number", Kind::kIdentifier, "registration"},
    {"Afghan Money Service Provider License Number", Kind::kIdentifier, "business-licence"},
    {"Trade License No.", Kind::kIdentifier, "business-licence"},
    {"Tourism License No.", Kind::kIdentifier, "business-licence"},
    {"License", Kind::kIdentifier, "licence"},
    {"File Number", Kind::kIdentifier, "file-number"},
    {"Trademark number", Kind::kIdentifier, "trademark"},
    {"D-U-N-S Number", Kind::kIdentifier, "duns"},
    {"Global Intermediary Identification Number", Kind::kIdentifier, "giin"},
    {"SWIFT/BIC", Kind::kIdentifier, "swift-bic"},
    {"BIK (RU)", Kind::kIdentifier, "bik"},
    {"MICEX Code", Kind::kIdentifier, "micex"},
    {"ISIN", Kind::kIdentifier, "isin"},
    {"Equity Ticker", Kind::kIdentifier, "ticker"},
    {"UN/LOCODE", Kind::kIdentifier, "un-locode"},
    {"Digital Currency Address", Kind::kIdentifier, "crypto-address"},
    // Of vessels.
    {"Vessel Registration Identification", Kind::kIdentifier, "vessel-registration"},
    {"International Maritime Organization No.", Kind::kIdentifier, "imo"},
    {"MMSI", Kind::kIdentifier, "mmsi"},
    {"Vessel Call Sign", Kind::kIdentifier, "call-sign"},
    {"Other Vessel Call Sign", Kind::kIdentifier, "call-sign"},
    {"Vessel Flag", Kind::kFlag, ""},
    {"Other Vessel Flag", Kind::kFlag, ""},
    {"Former Vessel Flag", Kind::kFormerFlag, ""},
    {"VESSEL TYPE", Kind::kVesselType, ""},
    {"Vessel Type", Kind::kVesselType, ""},
    {"Other Vessel Type", Kind::kVesselType, ""},
    {"Vessel Tonnage", Kind::kTonnage, ""},
    {"Vessel Gross Tonnage", Kind::kGrossTonnage, ""},
    {"Vessel Gross Registered Tonnage", Kind::kGrossTonnage, ""},
    {"Vessel Owner", Kind::kOwner, ""},
    {"Vessel Year of Build", Kind::kBirthTime, ""},
    // Of aircraft.
    {"Aircraft Model", Kind::kAircraftModel, ""},
    {"Aircraft Manufacturer", Kind::kAircraftManufacturer, ""},
    {"Aircraft Manufacture Date", Kind::kBirthTime, ""},
    {"Aircraft Operator", Kind::kOperator, ""},
    {"Aircraft Tail Number", Kind::kIdentifier, "tail-number"},
    {"Previous Aircraft Tail Number", Kind::kPreviousIdentifier, "tail-number"},
    {"Aircraft Mode S Transponder Code", Kind::kIdentifier, "mode-s"},
    {"Aircraft Serial Identification", Kind::kIdentifier, "aircraft-serial-number"},
    {"Aircraft Manufacturer's Serial Number (MSN)", Kind::kIdentifier, "aircraft-serial-number"},
    {"Aircraft Construction Number (also called L/N or S/N or F/N)", Kind::kIdentifier,
     "aircraft-construction-number"},
    // What the sanctions do, and on what they rest: the model has it for measures,
    // not for single entries.
    {"Additional Sanctions Information", Kind::kVerbatim, ""},
    {"Secondary sanctions risk", Kind::kVerbatim, ""},
    {"Transactions Prohibited For Persons Owned or Controlled By U.S. Financial Institutions",
     Kind::kVerbatim, ""},
    {"Executive Order", Kind::kVerbatim, ""},
    {"CAATSA Section 235 Information", Kind::kVerbatim, ""},
    {"PEESA Information", Kind::kVerbatim, ""},
    {"IFCA Determination", Kind::kVerbatim, ""},
    {"Organization Type", Kind::kVerbatim, ""},
    {"Target Type", Kind::kVerbatim, ""},
    {"Issuer Name", Kind::kVerbatim, ""},
};

bool IsWordCharacter(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

}  // namespace

const OfacLabel* FindOfacLabel(absl::string_view clause) {
  const OfacLabel* best = nullptr;
  for (const OfacLabel& label : kLabels) {
    const std::size_t size = label.text.size();
    if (!absl::StartsWith(clause, label.text)) continue;
    // "Title" is no label of "Titled", "License" none of "Licensee".
    if (clause.size() > size && IsWordCharacter(label.text.back()) &&
        IsWordCharacter(clause[size])) {
      continue;
    }
    if (best == nullptr || size > best->text.size()) best = &label;
  }
  return best;
}

const OfacLabel* OfacLabelOf(absl::string_view text) {
  const auto is_end = [](char c) { return c == ':' || c == '-' || c == ' '; };
  while (!text.empty() && is_end(text.back())) text.remove_suffix(1);
  for (const OfacLabel& label : kLabels) {
    if (label.text == text) return &label;
  }
  return nullptr;
}

}  // namespace communique::importers
