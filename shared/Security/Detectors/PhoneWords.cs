using System.Collections.Frozen;
using System.Text;

namespace AiOs.Security.Detectors;

/// <summary>What the words before a number say about it.</summary>
enum PhoneHint
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is a telephone number.</summary>
    Phone,

    /// <summary>It is the number of something else: a policy, an order.</summary>
    Other,
}

/// <summary>Reads a few words backwards from a number; the nearest one that says something decides.</summary>
static class PhoneWords
{
    const int Reach = 48;
    const int Words = 7;

    static readonly FrozenSet<string> Phone = Set("""
        phone telephone tel call calling callback mobile cell cellphone cellular fax sms whatsapp ring dial dialing hotline landline handset text texts texting reach contact phones calls
        answering answered message messages voicemail
        telefon handy mobil anrufen anruf rufnummer festnetz ruf téléphone telephone portable appeler appelez tél teléfono telefono móvil movil llamar llame cellulare chiamare
        telefone telemóvel celular ligar telefoon mobiel bellen telefonu numeru puhelin puh tlf telefonnummer handynummer mobilnummer
        """);

    static readonly FrozenSet<string> Other = Set("""
        policy claim order invoice account acct reference ref id ids customer case ticket contract booking tracking serial model amount total sum price paid pay cost worth
        date zip postcode postal ssn tax vat version code pin iban bic isbn imei card member membership employee passport licence license article item sku lot batch page
        transaction payment parcel shipment receipt file record social security balance salary order-id policynumber population about between
        rechnung rechnungsnummer vertrag vertragsnummer kundennummer bestellung bestellnummer betrag konto kontonummer police schaden schadennummer
        commande facture compte contrat montant police sinistre pedido factura cuenta contrato importe póliza ordine fattura conto contratto importo polizza
        """);

    public static PhoneHint Before(string text, int start, string member)
    {
        var end = start;
        for (var word = 0; word < Words && start - end < Reach; word++)
        {
            while (end > 0 && start - end < Reach && !char.IsLetter(text[end - 1]))
            {
                if (text[end - 1] is ';' or '!' or '?' || text[end - 1] == '\n' && !(end > 1 && text[end - 2] is ':')) return OfMember(member);
                end--;
            }
            var from = end;
            while (from > 0 && end - from < 24 && char.IsLetter(text[from - 1])) from--;
            if (from == end) break;
            if (Of(text[from..end].ToLowerInvariant()) is var hint and not PhoneHint.None) return hint;
            end = from;
        }
        return OfMember(member);
    }

    static readonly FrozenSet<string> Labels = Set("fax office mobile cell home work phone tel telephone landline direct mobil telefon privat portable móvil");

    /// <summary>The end of a label right behind a number, as in <c>(37) 788-063-Office</c> or <c>416 60 039 fax</c>; or <paramref name="end"/> where there is none.</summary>
    public static int LabelEnd(string text, int end)
    {
        var start = end;
        while (start < text.Length && start - end < 2 && text[start] is ' ' or '-' or '(') start++;
        var at = start;
        while (at < text.Length && at - start < 12 && char.IsLetter(text[at])) at++;
        return start > end && Labels.Contains(text[start..at].ToLowerInvariant()) ? at : end;
    }

    /// <summary>The parts of a member's name: <c>customerPhone</c>, <c>mobile_number</c>; its last word that says something decides.</summary>
    static PhoneHint OfMember(string name)
    {
        var words = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsUpper(c)) words.Append(' ');
            words.Append(char.IsLetter(c) ? char.ToLowerInvariant(c) : ' ');
        }
        return words.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries).Reverse().Select(Of).FirstOrDefault(hint => hint != PhoneHint.None);
    }

    static PhoneHint Of(string word) => Phone.Contains(word) ? PhoneHint.Phone : Other.Contains(word) ? PhoneHint.Other : PhoneHint.None;

    static FrozenSet<string> Set(string words) => words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
