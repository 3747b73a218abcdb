from tests.builders import *
import re
def test_x(client, session, app):
    app.url_build_error_handlers.append(lambda e,ep,v: "#"+ep)
    from marketplace.proposals.matches import match_all
    c=a_company(session); e=an_enterprise(session); l=a_listing(session,c); cap=a_capability(session,e)
    u=a_person(session,c); v=a_person(session,e)
    ch=match_all(session,as_of=NOW.date(),now=NOW); print(ch)
    ch=match_all(session,as_of=NOW.date(),now=NOW); print(ch)
    session.commit()
    def go(*paths):
        for p in paths:
            try:
                r=client.get(p); print(p, r.status_code, len(r.data))
                if r.status_code>=400: print(r.text[:300])
            except Exception as ex: print(p,'EXC',type(ex),str(ex)[:300])
    go('/','/materials/?q=plane&place=Wien&km=60','/materials/?material=tarpaulin&sort=newest','/materials/%d'%l.id,'/enterprises/','/enterprises/%d'%e.id,'/help','/imprint','/suggestions/places?q=eisen','/suggestions/materials?q=plane','/suggestions/waste-codes?q=holz','/materials/99999')
    sign_in(client,u); go('/listings/','/listings/new','/listings/new?kind=residual','/listings/new?kind=service','/listings/%d/edit'%l.id,'/materials/%d'%l.id,'/listings/nearby?material_text=Plane&quantity=100&unit=kg&city=Eisenstadt&country=AT&kind=residual')
    print(client.get('/listings/nearby?material_text=Plane&quantity=100&unit=piece&city=Eisenstadt&country=AT&kind=residual').json)
    client.post('/sign-out'); 
    sign_in(client,v); go('/capabilities/','/capabilities/new','/capabilities/%d/edit'%cap.id,'/capabilities/for-you','/materials/%d'%l.id)
    r=client.post('/capabilities/new',data={'do':'publish'}); print(r.status_code)
    open('/tmp/o.html','w').write(r.text)
