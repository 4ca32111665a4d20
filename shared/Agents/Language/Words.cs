using System.Collections.Frozen;

namespace AiOs.Agents.Language;

/// <summary>Frequent words, written down for this purpose: English ones, and those of fifteen other languages in Latin letters. A word that is English too speaks for no other language.</summary>
static class Words
{
    const string Everyday = """
        a able about above accept access account accounts across action activate active actually add additional address after again against ago all allow allowed almost alone already also alright always am
        amount an and another answer any anybody anyone anything anyway anywhere app apparently application apply are area around arrive arrived as ask asked asking at available away back bad balance bank be because become
        been before began begin being believe below best better between big bill book both bought box break broke broken bring brought building business but buy by call called came can can't cannot car card cards care case cash cause change
        changed charge charged cheap check child choose city claim clear close closed cold come comes coming company complete completely contact could couldn't country couple cost create credit current currently customer cut
        daily damage damaged data date day days dead deal dear debit decide declined deep delay deliver delivery deny deposit did didn't die different direct do document documents does doesn't doing don't done door double down
        drive due during each early easy eat either else email end enough error even ever every everybody everyone everything exactly example except exchange expect expected expire explain extra face fact fail failed family far fast
        fee feel few figure file fill find fine fire first fix flight follow following food for forget forgot form found free freeze friend from full fund funds game gas gave get gets getting give given go goes going gone good got great
        group guess guy had half hand hang happen happened happens hard has have haven't having he head hear heard hello help helped her here hers hey hi high him himself his hit hold holiday home hope hot hotel hour hours house how however
        hurt i i'd i'll i'm i've if important in incorrect information inside instead insurance interest into invoice is isn't issue it it's item its itself job just keep keeps kind knew know known language large last late later least leave left
        less let let's letter life light like limit line list little live local location lock long longer look looking lose lost lot love low luggage machine made mail make makes making man many may maybe me meal mean means meant meet meeting
        message might mind mine minute minutes miss missing mistake money month months more morning most move moved movie much music must my myself name national near necessary need needed needs never new news next nice night no nobody none
        nor normal not note nothing now number of off office often oh ok okay old on once one online only open or order ordered other our out outside over own page paid paper part past pay paying payment payments people per perhaps person phone
        photo pick pin pipe place plan play please plus minus yo point police policy possible post power present pretty price print probably problem process processed product property protect provide pull purchase push put question quick quickly quite rate
        rather read ready real really reason receive received recent recently recipe refund refuse rejected remember remind remove repair repairs repeat replace reply report request require reset respond rest restart restaurant return right road room
        rule run running safe said sale same save saw say saying schedule second secure see seem seems seen sell send sending sent serious server service services set several shall she shop short should show shut sick side sign since sister sit site
        situation size slow small so some somebody someone something sometimes somewhere soon sorry sort sound speak special spend spending standard start started state statement status stay steal step still stolen stop stopped store storm story
        street strong stuck stuff such suddenly suggest sure switch system take taken takes talk tax tell ten than thank thanks that that's the their them then there there's these they they're thing things think this those though thought three through
        ticket till time times tip tire title to today together told tomorrow tonight too took top total touch toward town track transaction transactions transfer transferred translate travel tree tried trip trouble true try trying turn tv twice two
        type unable under understand until up update upset us use used using usually vacation verify version very via view visa visit wait waiting walk wall want wanted wants warm was wasn't watch water way we we're weather website week weeks well went
        were what what's when where whether which while who whole whom whose why wide wife will window wish with withdraw withdrawal within without woman won't word words work worked working works world worry worse worst worth would wouldn't write
        wrong yeah year years yes yesterday yet you you're young your yours zero
        """;

    static readonly string[] Foreign =
    [
        // German
        """
        ich du er sie es wir ihr mich mir dich dir uns euch mein meine meinen meiner meinem dein deine sein seine unser unsere ist sind bin bist war waren wird werden wurde worden habe hat haben hatte kann können könnte konnte soll sollte
        muss müssen möchte will wollen darf der die das den dem des ein eine einen einem einer und oder aber nicht kein keine keinen auch noch schon nur sehr mit von zu zum zur bei nach aus auf für über unter wenn weil dass daß wie wo wer wann
        warum was welche welcher bitte danke hallo guten tag morgen gestern heute jetzt immer wieder hier dort ja nein gibt geht geld konto karte rechnung schaden versicherung überweisung bezahlen bekommen seit gegen ohne durch doch mal etwas nichts alles
        """,
        // French
        """
        je tu il elle nous vous ils elles on me te se mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs le la les un une des du de au aux et ou où mais donc car ni que qui quoi dont ce cet cette ces est sont suis es sommes êtes était été
        être avoir ai as a avons avez ont avait fait faire peut peux pouvez voudrais veux dois doit faut pas ne plus très bien aussi avec sans pour par sur sous dans chez entre vers depuis pendant comme quand comment pourquoi combien bonjour bonsoir salut merci
        oui non hier demain aujourd'hui maintenant toujours jamais argent compte carte facture dommage assurance virement payer reçu s'il plaît j'ai c'est n'est d'un d'une l'argent qu'il m'a
        """,
        // Spanish
        """
        yo tú él ella nosotros ustedes ellos mi mis tu tus su sus nuestro nuestra el la los las un una unos unas lo le les se me te nos de del al y o pero porque que qué quien quién cual cuál como cómo cuando cuándo donde dónde cuánto cuanto por para con sin
        sobre entre desde hasta en es son está están estoy soy era fue ser estar hay he ha han hemos tengo tiene tienen puedo puede pueden quiero quiere necesito debo hacer no sí más muy también ya ahora hoy ayer mañana siempre nunca aquí allí este esta estos
        esto eso ese esa hola gracias buenos buenas días tardes por favor dinero cuenta tarjeta factura daño seguro transferencia pagar ayuda todo nada algo
        """,
        // Italian
        """
        io tu lui lei noi voi loro mi ti ci vi si il lo la i gli le un uno una di del della dei delle degli al alla ai alle da dal dalla nel nella sul sulla con su per tra fra e ed o ma perché che chi cosa quale come quando dove quanto è sono sei siamo siete era
        essere avere ho hai ha abbiamo avete hanno posso può possono voglio vorrei devo deve fare fatto non più molto anche già ancora adesso ora oggi ieri domani sempre mai qui lì questo questa questi quello quella mio mia miei tuo tua suo sua nostro ciao grazie buongiorno
        salve prego soldi conto carta fattura danno assicurazione bonifico pagare aiuto tutto niente qualcosa stato stata
        """,
        // Portuguese
        """
        eu tu ele ela nós vocês você eles elas meu minha meus minhas seu sua seus nosso nossa o a os as um uma uns umas de do da dos das em no na nos nas ao à aos às por pelo pela para com sem sobre entre desde até e ou mas porque que quem qual como quando onde quanto
        é são está estão estou sou era foi ser estar há tenho tem têm posso pode podem quero quer preciso devo fazer não sim mais muito também já agora hoje ontem amanhã sempre nunca aqui ali este esta isto esse essa isso olá obrigado obrigada bom boa dia tarde dinheiro
        conta cartão fatura dano seguro transferência pagar ajuda tudo nada algo meu
        """,
        // Dutch
        """
        ik jij je hij zij wij we jullie mij me hem haar ons hun mijn jouw zijn uw de het een en of maar want dat die dit deze wat wie waar wanneer waarom hoe welke is ben bent was waren wordt worden werd heb hebt heeft hebben had kan kunnen kon zal zou moet moeten wil
        willen mag niet geen ook nog al alleen zeer erg met van naar bij uit op voor over onder tussen tegen door zonder als omdat hier daar ja nee hallo dank bedankt alstublieft goedemorgen gisteren vandaag morgen nu altijd nooit weer geld rekening kaart factuur schade
        verzekering overschrijving betalen gekregen iets niets alles graag
        """,
        // Polish
        """
        ja ty on ona my wy oni mnie mi ciebie ci jego jej nas nam mój moja moje mojej mojego twój twoja jest są jestem był była było być mam masz ma mamy mają mogę może można chcę chce chciałbym chciałabym muszę nie tak i a ale lub albo czy że żeby bo ponieważ jak gdzie kiedy
        dlaczego co kto który która które ten ta to te tego tej w we z ze na do od po za przed przez dla o u pod nad już jeszcze tylko bardzo też także teraz dziś dzisiaj wczoraj jutro zawsze nigdy tu tam dzień dobry cześć proszę dziękuję pieniądze konto karta kartę faktura
        szkoda ubezpieczenie przelew zapłacić się
        """,
        // Swedish
        """
        jag du han hon vi ni de mig dig honom henne oss er dem min mitt mina din ditt dina sin sitt vår är var varit vara blir blev har hade ha kan kunde ska skulle vill ville måste får inte ingen inget och eller men att som för om när var hur varför vad vem vilken den det en ett
        denna detta på i av till från med utan mot över under mellan efter innan här där nu idag igår imorgon alltid aldrig igen också bara mycket hej tack snälla ja nej pengar konto kort faktura skada försäkring överföring betala något allt
        """,
        // Danish and Norwegian
        """
        jeg du han hun vi i de mig meg dig deg ham henne os oss jer dem min mit mitt mine din dit sin vores vår er var været vært være bliver blir blev ble har havde hadde kan kunne skal skulle vil ville må måtte ikke ingen intet og eller men at som for når hvor hvordan hvorfor hvad hva hvem
        hvilken den det en et denne dette på af av til fra med uden uten mod over under mellem mellom efter etter før her der nu nå i dag går morgen altid alltid aldrig aldri igen også bare kun meget veldig hej hei tak takk ja nej nei penge penger konto kort faktura skade forsikring
        overførsel overføring betale noget noe alt
        """,
        // Finnish
        """
        minä sinä hän me te he minun sinun hänen meidän teidän minulla minulle minut on ovat olen oli olivat olla ole ei en et emme eivät ja tai mutta että jos kun kuin koska mitä mikä kuka missä milloin miksi miten tämä tuo se nämä ne niin nyt tänään eilen huomenna aina vielä jo
        vain myös hyvin kiitos hei moi kyllä voi voin voiko haluan haluaisin pitää täytyy rahaa tili tilini kortti korttini lasku vahinko vakuutus maksaa maksu apua kaikki joku jotain sitten
        """,
        // Turkish
        """
        ben sen o biz siz onlar bana sana ona bize benim senin onun bizim sizin bir bu şu ve veya ama fakat çünkü eğer ki de da mi mı mu mü değil var yok ne neden niçin nasıl nerede ne zaman kim hangi için ile gibi kadar sonra önce çok daha en şimdi bugün dün yarın her hiç hep evet hayır
        merhaba teşekkürler lütfen istiyorum istiyor yapmak olarak oldu olan hesap hesabım hesabımı kart kartım kartımı para fatura hasar sigorta havale ödeme ödemek yardım
        """,
        // Czech and Slovak
        """
        já ty on ona my vy oni mě mi tě ti ho mu nás nám můj moje mé moji tvůj je jsou jsem jsi jsme byl byla bylo být mám máš má máme mají mohu můžu může chci chce chtěl chtěla musím ne ano a ale nebo že aby protože jak kde kdy proč co kdo který která které ten ta to tato v ve z ze na do od
        po za před přes pro o u pod nad už ještě jen jenom velmi také teď dnes včera zítra vždy nikdy tady tam dobrý den ahoj prosím děkuji díky peníze účet karta kartu faktura škoda pojištění převod zaplatit se som nie áno prečo kedy
        """,
        // Romanian
        """
        eu tu el ea noi voi ei ele mie mă te îl o ne vă îmi îți meu mea mele tău ta său nostru este sunt ești suntem era fost fi am ai are avem aveți au pot poate vreau vrea trebuie nu da și sau dar că să dacă pentru că cum unde când de ce cine care acest această acesta un o unei unui la în din pe cu
        fără pentru despre între după înainte mai foarte și deja încă doar acum azi astăzi ieri mâine mereu niciodată aici acolo bună ziua salut mulțumesc vă rog bani cont contul card cardul factură daună asigurare transfer plăti ajutor tot nimic ceva
        """,
        // Hungarian
        """
        én te ő mi ti ők engem nekem neked neki nekünk az egy ez azt ezt és vagy de mert hogy ha mint mikor hol miért hogyan mi ki melyik van vannak vagyok volt voltak lesz nincs nem igen is már még csak nagyon most ma tegnap holnap mindig soha itt ott jó napot szia köszönöm kérem szeretnék szeretném
        akarok kell lehet tudok tudom pénz pénzt számla számlám kártya kártyám kártyámat kár biztosítás utalás fizetni segítség minden semmi valami
        """,
        // Indonesian and Malay
        """
        saya aku kamu anda dia kami kita mereka ini itu yang dan atau tetapi tapi karena jika kalau bahwa untuk dengan tanpa dari ke di pada oleh dalam adalah ada tidak bukan belum sudah telah akan sedang bisa boleh dapat harus mau ingin apa siapa mana kapan kenapa mengapa bagaimana berapa sekarang hari
        kemarin besok selalu lagi juga sangat halo selamat pagi terima kasih tolong uang rekening kartu tagihan kerusakan asuransi transfer bayar bantuan semua sesuatu
        """,
    ];

    public static readonly FrozenSet<string> English = Split(Everyday).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>English words that another language has too ("in", "die", "on"): they say less.</summary>
    public static readonly FrozenSet<string> Shared = Foreign.SelectMany(Split).Where(English.Contains).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>A word to the languages that have it, as bits; English words are left out.</summary>
    public static readonly FrozenDictionary<string, int> OfOthers = Foreign
        .SelectMany((words, language) => Split(words).Distinct(StringComparer.Ordinal).Select(word => (word, language)))
        .Where(entry => entry.word.Length > 1 && !English.Contains(entry.word))
        .GroupBy(entry => entry.word, entry => entry.language, StringComparer.Ordinal)
        .ToFrozenDictionary(group => group.Key, group => group.Aggregate(0, (bits, language) => bits | (1 << language)), StringComparer.Ordinal);

    public static int Languages => Foreign.Length;

    /// <summary>The tags (BCP 47) of each list, in the order of the lists.</summary>
    public static readonly IReadOnlyList<IReadOnlyList<string>> Tags =
    [
        ["de"], ["fr"], ["es"], ["it"], ["pt"], ["nl"], ["pl"], ["sv"], ["da", "nb", "nn", "no"], ["fi"], ["tr"], ["cs", "sk"], ["ro"], ["hu"], ["id", "ms"],
    ];

    static string[] Split(string words) => words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
}
